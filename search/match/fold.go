package match

import (
	"strings"
	"sync/atomic"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"carecollective/text"
)

// pages hold what runes fold to, each page made when one of its runes is met for the first time.
var pages [(unicode.MaxRune + 1) / pageSize]atomic.Pointer[page]

const pageSize = 256

type page [pageSize]string

// foldRune appends what a rune folds to, which may be nothing.
func foldRune(to []byte, r rune) []byte {
	if r < utf8.RuneSelf {
		return append(to, lower(byte(r))) //nolint:gosec // it is ASCII
	}
	p := pages[r/pageSize].Load()
	if p == nil {
		p = makePage(r / pageSize * pageSize)
		pages[r/pageSize].Store(p)
	}
	return append(to, p[r%pageSize]...)
}

func makePage(first rune) *page {
	p := &page{}
	fold := cases.Fold()
	for i := range p {
		r := first + rune(i)
		if utf8.ValidRune(r) {
			p[i] = plain(norm.NFKD.String(fold.String(plain(norm.NFKD.String(string(r))))))
		}
	}
	return p
}

// plain leaves out accents and what is drawn as nothing, and writes letters plainly that are one with their stroke.
func plain(decomposed string) string {
	var out strings.Builder
	for _, r := range decomposed {
		switch simple, known := strokes[r]; {
		case known:
			out.WriteString(simple)
		case isAccent(r), text.Invisible(r):
		default:
			out.WriteRune(r)
		}
	}
	return out.String()
}

// strokes are letters that Unicode does not take apart, and the marks that telephones put in place of those on keyboards.
var strokes = map[rune]string{
	'ø': "o", 'Ø': "o", 'ł': "l", 'Ł': "l", 'đ': "d", 'Đ': "d", 'ħ': "h", 'Ħ': "h", 'ŧ': "t", 'Ŧ': "t", 'ð': "d", 'Ð': "d",
	'æ': "ae", 'Æ': "ae", 'œ': "oe", 'Œ': "oe", 'þ': "th", 'Þ': "th", 'ı': "i",
	'’': "'", '‘': "'", 'ʼ': "'", '“': `"`, '”': `"`, '‐': "-", '‑': "-", '–': "-", '—': "-",
}

// isAccent reports whether a mark does not make a letter another one: accents, the points of
// Hebrew and Arabic. By their combining class the others are vowels, tones, nuktas, viramas, and the voicing of Kana.
func isAccent(r rune) bool {
	if !unicode.Is(unicode.Mn, r) {
		return false
	}
	class := norm.NFKD.PropertiesString(string(r)).CCC()
	return class >= 10 && class <= 35 || class >= 200
}
