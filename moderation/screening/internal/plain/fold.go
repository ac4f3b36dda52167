package plain

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// longestFold is how many characters a single one may become. The ligatures that stand for a whole sentence stay one.
const longestFold = 4

// letter is one character of the folded text.
type letter struct {
	r      rune
	start  int32 // where it comes from
	shape  shape
	hidden bool // something that cannot be seen, or a letter of another look, stood here
	upper  bool
}

type shape uint8

const (
	shapeSpace shape = iota
	shapeLatin
	shapeOther // a letter of another alphabet
	shapeDigit
	shapePicture
	shapeSign
)

// folder holds a text while it is folded.
type folder struct {
	original     string
	letters      []letter
	latin, other int
}

func (f *folder) fold() {
	f.letters = make([]letter, 0, len(f.original)+1)
	hidden := false
	for i, r := range f.original {
		switch {
		case r < utf8.RuneSelf:
			f.add(r, i, hidden)
		case invisible(r):
			hidden = true
			f.markLast(r)
			continue
		default:
			f.addFolded(r, i, hidden)
		}
		hidden = false
	}
}

// markLast notes that something invisible follows a letter, unless it is what belongs between emoji.
func (f *folder) markLast(r rune) {
	if n := len(f.letters); n > 0 && r != '\ufe0f' && f.letters[n-1].shape <= shapeDigit {
		f.letters[n-1].hidden = true
	}
}

func (f *folder) add(r rune, at int, hidden bool) {
	upper := false
	if r >= 'A' && r <= 'Z' {
		r += 'a' - 'A'
		upper = true
	}
	f.append(r, at, hidden, upper)
}

func (f *folder) append(r rune, at int, hidden, upper bool) {
	s := shapeOf(r)
	switch s {
	case shapeLatin:
		f.latin++
	case shapeOther:
		f.other++
	}
	f.letters = append(f.letters, letter{r: r, start: int32(at), shape: s, hidden: hidden, upper: upper}) //nolint:gosec // a text of 2 GiB does not get here
}

func (f *folder) addFolded(r rune, at int, hidden bool) {
	if plainer, ok := stylised[r]; ok {
		for _, p := range plainer {
			f.append(p, at, true, false)
		}
		return
	}
	if r >= firstRegional && r <= lastRegional {
		f.append('a'+r-firstRegional, at, true, false)
		return
	}
	properties := norm.NFKD.PropertiesString(f.original[at:])
	decomposed := properties.Decomposition()
	if len(decomposed) == 0 {
		f.appendLower(r, at, hidden)
		return
	}
	runes := utf8.RuneCount(decomposed)
	if runes > longestFold {
		f.append(r, at, hidden, false)
		return
	}
	// A letter of a fancy alphabet hides a word; one with an accent does not.
	fancy := runes == 1 && unicode.IsLetter(r)
	for len(decomposed) > 0 {
		d, size := utf8.DecodeRune(decomposed)
		decomposed = decomposed[size:]
		f.appendLower(d, at, hidden || fancy)
	}
}

func (f *folder) appendLower(r rune, at int, hidden bool) {
	if r >= firstMark && unicode.Is(unicode.Mn, r) {
		return
	}
	lower := unicode.ToLower(r)
	f.append(lower, at, hidden, lower != r)
}

// firstMark is the first of the marks that stand on letters.
const firstMark = '\u0300'

const firstRegional, lastRegional = '\U0001F1E6', '\U0001F1FF'

// invisible reports whether nothing is to be seen where a character stands.
func invisible(r rune) bool {
	switch {
	case r == '\u00ad', r == '\u034f', r == '\u061c', r == '\u115f', r == '\u1160', r == '\u17b4', r == '\u17b5', r == '\u3164', r == '\uffa0':
		return true
	case r >= '\u180b' && r <= '\u180f', r >= '\u200b' && r <= '\u200f', r >= '\u202a' && r <= '\u202e', r >= '\u2060' && r <= '\u206f':
		return true
	case r >= '\ufe00' && r <= '\ufe0f', r == '\ufeff', r >= '\U000e0000' && r <= '\U000e0fff', r == '\u20e3', r == utf8.RuneError:
		return true
	}
	return false
}

// latin reports whether a character is a Latin letter. Most are not, and the ranges show that faster than the table.
func latin(r rune) bool {
	return (r < 0x300 || r >= 0x1D00 && r < 0x2200 || r >= 0x2C60 && r < 0x2C80 || r >= 0xA720 && r < 0xAB70 || r >= 0xFB00 && r < 0xFB07) && unicode.Is(unicode.Latin, r)
}

func shapeOf(r rune) shape {
	switch {
	case r >= 'a' && r <= 'z':
		return shapeLatin
	case r >= '0' && r <= '9':
		return shapeDigit
	case r < utf8.RuneSelf:
		if r <= ' ' {
			return shapeSpace
		}
		return shapeSign
	case latin(r):
		return shapeLatin
	case unicode.IsLetter(r), unicode.Is(unicode.Mc, r):
		return shapeOther
	case unicode.IsSpace(r):
		return shapeSpace
	case unicode.IsDigit(r):
		return shapeDigit
	case unicode.Is(unicode.So, r), unicode.Is(unicode.Sk, r), r >= 0x1F000 && r <= 0x1FAFF:
		return shapePicture
	}
	return shapeSign
}

// unmix turns letters of other alphabets into the Latin ones that they look like, where they stand among Latin ones or
// where a whole word of them reads as Latin in a text that otherwise is.
func (f *folder) unmix() {
	if f.other == 0 {
		return
	}
	for i := 0; i < len(f.letters); {
		j, latin, alike, other := i, 0, 0, 0
		for ; j < len(f.letters) && f.letters[j].shape != shapeSpace; j++ {
			switch f.letters[j].shape {
			case shapeLatin:
				latin++
			case shapeOther:
				other++
				if _, ok := lookAlike[f.letters[j].r]; ok {
					alike++
				}
			}
		}
		if alike > 0 && (latin > 0 || alike == other && f.latin > f.other) {
			for k := i; k < j; k++ {
				if r, ok := lookAlike[f.letters[k].r]; ok {
					f.letters[k].r, f.letters[k].shape, f.letters[k].hidden = r, shapeLatin, true
				}
			}
		}
		i = j + 1
	}
}

// write puts the folded letters into one string and remembers where each came from.
func (f *folder) write(t *Text) {
	var b strings.Builder
	b.Grow(len(f.letters) + 8)
	t.at = make([]int32, 0, len(f.letters)+9)
	for _, l := range f.letters {
		from := b.Len()
		b.WriteRune(l.r)
		for ; from < b.Len(); from++ {
			t.at = append(t.at, l.start)
		}
	}
	t.at = append(t.at, int32(len(f.original))) //nolint:gosec // a text of 2 GiB does not get here
	t.Folded = b.String()
}
