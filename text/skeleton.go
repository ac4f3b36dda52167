package text

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// LooksLike reports whether a reader could confuse two names.
func LooksLike(a, b string) bool {
	skeleton := Skeleton(a)
	return skeleton != "" && skeleton == Skeleton(b)
}

// Skeleton converts a name to a form that is the same for all names that look like it, in the manner of Unicode's
// UTS #39: taken apart (NFKD), without accents, case, what is invisible and what is no letter or digit, and with each
// letter replaced by the Latin one that it could be taken for. It is for comparing only.
//
// It is generous on purpose, since it protects few names (those of moderators) against impersonators:
// i, l, 1 and I are the same, and so are pairs such as rn and m.
func Skeleton(name string) string {
	plain := strip(norm.NFKD.String(name))
	if strings.ContainsFunc(plain, latin) {
		plain = strings.Map(small, plain)
	}
	plain = strip(folded(plain))
	letters := strings.Map(letterOrDigit, strings.Map(shape, spelled.Replace(plain)))
	if letters == "" { // a name of signs alone is taken as it is
		return strings.Map(notSpace, plain)
	}
	return pairs.Replace(letters)
}

// pairs are letters that together look like another one.
var pairs = strings.NewReplacer("rn", "m", "vv", "w")

// spelled are letters that fall apart into two.
var spelled = strings.NewReplacer("æ", "ae", "œ", "oe", "ю", "lo", "ы", "bl")

// small reads a small Greek letter as it stands. It is asked in names that have Latin letters too; in a name all in
// Greek a small letter is read as its capital, or ΑΝΝΑ and Αννα would be two names.
func small(r rune) rune {
	if letter, ok := smallGreek[r]; ok {
		return letter
	}
	return r
}

func latin(r rune) bool { return unicode.Is(unicode.Latin, r) }

// strip takes away what is invisible, and the marks that are accents or vowel points.
func strip(s string) string {
	return strings.Map(func(r rune) rune {
		if Invisible(r) || accent(r) {
			return -1
		}
		return r
	}, s)
}

// accent reports whether a mark can be ignored when names are compared. The vowel signs of Indic scripts and of Thai cannot, as
// they make other names of it; nor are the Japanese voicing marks.
func accent(r rune) bool {
	return unicode.In(r, unicode.Mn, unicode.Me) && r != '\u3099' && r != '\u309A' &&
		unicode.In(r, unicode.Inherited, unicode.Common, unicode.Cyrillic, unicode.Hebrew, unicode.Arabic, unicode.Syriac)
}

func letterOrDigit(r rune) rune {
	if unicode.In(r, unicode.L, unicode.M, unicode.N) {
		return r
	}
	return -1
}

func notSpace(r rune) rune {
	if unicode.IsSpace(r) {
		return -1
	}
	return r
}
