package features

import (
	"strings"

	"carecollective/moderation/screening/internal/linear"
	"carecollective/moderation/screening/internal/plain"
)

// SpamGroups is how the features of Spam are kept: parts of words, sequences of words, and signals.
var SpamGroups = []linear.Group{{Bits: 15, Diluted: true, Rate: 0.25}, {Bits: 16, Diluted: true, Rate: 0.25}, {Bits: 10, Diluted: false, Rate: 0.06}}

// Spam returns the features of a text that could be an attempt to sell something or to cheat someone. Which numbers it contains does
// not matter, but how long they are and what they count does.
func Spam(t *plain.Text) linear.Features {
	f := linear.Features{make([]uint32, 0, 4*len(t.Folded)+16), make([]uint32, 0, 3*len(t.Words)+4), make([]uint32, 0, 24)}
	var c spamCounts
	previous, before := start.byte('^'), start
	for i := range t.Words {
		w := &t.Words[i]
		id, ok := c.token(w)
		if !ok {
			continue
		}
		if w.Kind == plain.Letters {
			f[0] = grams(f[0], w.Clear)
		}
		f[1] = append(f[1], id.done(), previous.byte(2).number(uint32(id)).done(), before.byte(3).number(uint32(id)).done())
		before, previous = previous, id
	}
	f[2] = c.marks(f[2], t)
	return f
}

type spamCounts struct {
	words, numbers, longNumbers, money, exclaimed, shouted, pictures int
}

// token is how a word counts; false if it does not.
func (c *spamCounts) token(w *plain.Word) (hash, bool) {
	switch w.Kind {
	case plain.Number:
		c.numbers++
		if len(w.Text) >= 5 {
			c.longNumbers++
		}
		return start.byte('0').count(len(w.Text), 12), true
	case plain.Picture:
		c.pictures++
		return start.text(w.Text), true
	case plain.Sign:
		return c.sign(w.Text)
	}
	c.words++
	if w.Shouted {
		c.shouted++
	}
	return start.text(shape(w.Clear)), true
}

func (c *spamCounts) sign(sign string) (hash, bool) {
	switch sign {
	case "$", "£", "€", "¥", "₦", "₹":
		c.money++
		return start.byte('$'), true
	case "!":
		c.exclaimed++
		return start.byte('!'), true
	case "%", "/", ":", "?", "&", "+":
		return start.text(sign), true
	}
	return 0, false
}

// shape is a word in which all digits are alike.
func shape(word string) string {
	if !strings.ContainsAny(word, "0123456789") {
		return word
	}
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return '0'
		}
		return r
	}, word)
}

func (c *spamCounts) marks(out []uint32, t *plain.Text) []uint32 {
	for i, n := range []int{c.numbers, c.longNumbers, c.money, c.exclaimed, c.shouted, c.pictures} {
		out = append(out, start.byte(20).byte(byte(i)).count(n, 4).done())
	}
	if c.longNumbers > 0 && c.money > 0 {
		out = append(out, start.byte(21).done())
	}
	if strings.Contains(t.Folded, "www.") || strings.Contains(t.Folded, "http") {
		out = append(out, start.byte(22).done())
	}
	return append(out, start.byte(23).count(len(t.Original)/40, 6).done())
}
