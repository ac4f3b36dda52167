// Package plain reads through the ways in which a text can be disguised. It folds letters that look alike, drops marks
// and what cannot be seen, and finds the words behind digits, stars, stretched and spaced letters, while it remembers
// where in the original each of them stands. It does not know which words are bad.
package plain

// Text is the folded text beside the original.
type Text struct {
	Original string
	Folded   string  // lower case, without marks, look-alikes and invisible characters; punctuation and digits are kept
	at       []int32 // for each byte of Folded, and one past it, where in Original it comes from
	Words    []Word
}

// Word is a run of letters and digits, or a single symbol or pictogram.
type Word struct {
	Text       string // as folded
	Clear      string // as it reads once digits and signs are taken for the letters they resemble and no letter is stretched
	From, To   int    // where it stands in Folded
	Start, End int    // where it stands in Original
	Kind       Kind
	Disguised  bool // whether something was done to it that hides a word from a filter
	Masked     bool // whether signs stand for letters that only a reader can guess, as in "f**k"
	Upper      bool // whether its first letter is upper case
	Shouted    bool // whether all its letters are, and there are at least two
}

// Kind says what a word consists of.
type Kind uint8

// The kinds of words.
const (
	Letters Kind = iota // at least one letter
	Number              // digits alone
	Picture             // an emoji
	Sign                // punctuation
)

// Read folds a text and finds its words.
func Read(text string) *Text {
	f := &folder{original: text}
	f.fold()
	f.unmix()
	t := &Text{Original: text}
	f.write(t)
	t.Words = joinSpaced(t, f.words(t))
	return t
}

// Span returns the range of the original for the part of Folded between from and to. What was dropped after it, such as
// a mark, belongs to it.
func (t *Text) Span(from, to int) (start, end int) {
	if from >= to {
		return int(t.at[from]), int(t.at[from])
	}
	last := len(t.at) - 1
	for to < last && t.at[to] == t.at[to-1] {
		to++ // in the middle of what a single character became
	}
	return int(t.at[from]), int(t.at[to])
}
