// Package features turns a text that was read into what a linear model can weigh.
package features

import (
	"carecollective/moderation/screening/internal/plain"
	"carecollective/moderation/screening/internal/words"
)

// hash is FNV-1a with a last stir, so that the low bits are as good as the others.
type hash uint32

const start hash = 2166136261

func (h hash) byte(b byte) hash { return (h ^ hash(b)) * 16777619 }

func (h hash) text(s string) hash {
	for i := range len(s) {
		h = h.byte(s[i])
	}
	return h
}

func (h hash) number(n uint32) hash {
	return h.byte(byte(n)).byte(byte(n >> 8)).byte(byte(n >> 16)).byte(byte(n >> 24)) //nolint:gosec // its bytes are meant
}

// count adds a number that counts no further than most.
func (h hash) count(n, most int) hash {
	return h.byte(byte(min(n, most))) //nolint:gosec // both are small
}

func (h hash) done() uint32 {
	h ^= h >> 15
	h *= 0x2c1b3c6d
	h ^= h >> 12
	return uint32(h)
}

// longestGram is how many characters of a word are looked at together.
const longestGram = 5

// grams adds the hashes of all parts of a word, with its borders, of two to five characters.
func grams(out []uint32, word string) []uint32 {
	var room [66]rune // no word is longer
	runes := append(room[:0], '^')
	for _, r := range word {
		if len(runes) == len(room)-1 {
			break
		}
		runes = append(runes, r)
	}
	runes = append(runes, '$')
	n := len(runes)
	for i := range n {
		h := start
		for j := i; j < n && j < i+longestGram; j++ {
			h = h.number(uint32(runes[j])) //nolint:gosec // a rune is not negative
			if j > i || runes[j] >= firstIdeograph {
				out = append(out, h.done())
			}
		}
	}
	return out
}

const firstIdeograph = 0x2E80

// token is a word as the model sees it: by its class where the class says enough, otherwise by itself.
type token struct {
	id    hash
	class words.Class
}

// Found is a listed word, and its position among the words of the text.
type Found struct {
	words.Match
	Index int
}

// Find looks up every word of a text.
func Find(t *plain.Text, lexicon *words.Lexicon) []Found {
	found := make([]Found, 0, 16)
	for i := range t.Words {
		if m := lexicon.Find(&t.Words[i]); m.Class != words.None {
			found = append(found, Found{m, i})
		}
	}
	return found
}

// reading is how a word is taken: as the one of the list that it hides, if any.
func reading(w *plain.Word, m words.Match) string {
	if m.Class != words.None && !m.Stem {
		return m.Word
	}
	return w.Clear
}
