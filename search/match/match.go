// Package match decides whether a text contains the words of a query, and where. It knows only letters, not where
// texts come from.
//
// A text is folded before it is compared: case, accents and the width of letters are removed, in every script. What changes a letter
// into another one stays, such as the voicing of Kana or the vowels of Thai.
package match

import (
	"bytes"
	"slices"
	"unicode"
	"unicode/utf8"
)

// Query is the words of a search: a text must contain all of them, each as a word or as a part of a word.
type Query struct {
	words     [][]byte
	signature Signature // of the words alone
}

// Parse reads a query; ok is false if no words remain.
func Parse(query string) (q Query, ok bool) {
	words := bytes.FieldsFunc(fold(nil, query), unicode.IsSpace)
	slices.SortFunc(words, func(a, b []byte) int { return len(b) - len(a) }) // the longest is the rarest
	for _, word := range words {
		if !slices.ContainsFunc(q.words, func(longer []byte) bool { return bytes.Contains(longer, word) }) {
			q.words = append(q.words, word)
			q.signature.add(word)
		}
	}
	return q, len(q.words) > 0
}

// In reports whether a text contains every word of the query.
func (q Query) In(text string) bool {
	var buffer [1024]byte
	folded := fold(buffer[:0], text)
	for _, word := range q.words {
		if !bytes.Contains(folded, word) {
			return false
		}
	}
	return true
}

// Mark is a range of a text, from Start to before End, in UTF-16 code units, as JavaScript counts.
type Mark [2]int

// Marks returns the ranges of the query's words in a text, ordered and disjoint; none if the text does not contain all of them.
func (q Query) Marks(text string) []Mark {
	folded, origin, ends := trace(text)
	marked := make([]bool, len(ends))
	for _, word := range q.words {
		found := false
		for from := 0; ; {
			at := bytes.Index(folded[from:], word)
			if at < 0 {
				break
			}
			first, last := origin[from+at], origin[from+at+len(word)-1]
			for i := first; i <= last; i++ {
				marked[i] = true
			}
			found, from = true, from+at+len(word)
		}
		if !found {
			return []Mark{}
		}
	}
	return join(marked, ends)
}

// trace folds a text, and records for each byte the letter that it comes from, and for each letter where it ends. A letter
// has with it what follows and folds to nothing, such as its accents.
func trace(text string) (folded []byte, origin, ends []int) {
	end := 0
	for _, r := range text {
		before := len(folded)
		folded = foldRune(folded, r)
		end += utf16Length(r)
		if len(folded) == before && len(ends) > 0 {
			ends[len(ends)-1] = end
			continue
		}
		for range len(folded) - before {
			origin = append(origin, len(ends))
		}
		ends = append(ends, end)
	}
	return folded, origin, ends
}

func utf16Length(r rune) int {
	if r > 0xffff {
		return 2
	}
	return 1
}

// join makes one mark of letters that stand side by side.
func join(marked []bool, ends []int) []Mark {
	marks := []Mark{}
	start := 0
	for i, end := range ends {
		switch {
		case !marked[i]:
		case len(marks) > 0 && marks[len(marks)-1][1] == start:
			marks[len(marks)-1][1] = end
		default:
			marks = append(marks, Mark{start, end})
		}
		start = end
	}
	return marks
}

// Fold removes case, accents and the width of letters from a text.
func Fold(text string) string { return string(fold(nil, text)) }

func fold(to []byte, text string) []byte {
	for i := 0; i < len(text); {
		c := text[i]
		if c < utf8.RuneSelf {
			to = append(to, lower(c))
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		to = foldRune(to, r)
		i += size
	}
	return to
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
