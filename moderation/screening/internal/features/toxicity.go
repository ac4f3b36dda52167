package features

import (
	"slices"

	"carecollective/moderation/screening/internal/linear"
	"carecollective/moderation/screening/internal/plain"
	"carecollective/moderation/screening/internal/words"
)

// ToxicityGroups is how the features of Toxicity are kept: parts of words, sequences of words, and signals.
var ToxicityGroups = []linear.Group{{Bits: 17, Diluted: true, Rate: 0.25}, {Bits: 18, Diluted: true, Rate: 0.25}, {Bits: 12, Diluted: false, Rate: 0.06}}

// Toxicity returns the features of a text that could be an attack on someone. Groups of people are seen as such and not by their
// name, so that the model cannot hold a name against anyone.
func Toxicity(t *plain.Text, found []Found) linear.Features {
	s := &sight{text: t}
	s.look(found)
	s.sequences()
	s.signals()
	return linear.Features{s.chars, s.words, s.marks}
}

// sight collects the features of a text.
type sight struct {
	text                *plain.Text
	tokens              []token
	chars, words, marks []uint32
	counts              [words.Classes]int
	disguised, shouted  int
	stems, quotes       int
	quotedHits          int
}

func (s *sight) look(found []Found) {
	quoted := quotations(s.text.Words)
	s.chars = make([]uint32, 0, 5*len(s.text.Folded)+16)
	s.tokens = make([]token, 0, len(s.text.Words)+2)
	s.tokens = append(s.tokens, token{id: start.byte('^')})
	for i := range s.text.Words {
		w := &s.text.Words[i]
		var m words.Match
		if len(found) > 0 && found[0].Index == i {
			m, found = found[0].Match, found[1:]
		}
		if w.Kind == plain.Sign && w.Text == "\"" {
			s.quotes++
			continue
		}
		s.word(w, m, quoted.has(i))
	}
	s.tokens = append(s.tokens, token{id: start.byte('$')})
}

func (s *sight) word(w *plain.Word, m words.Match, quoted bool) {
	if quoted {
		s.quotation(w, m)
		return
	}
	switch w.Kind {
	case plain.Sign:
		if w.Text == "!" || w.Text == "?" {
			s.tokens = append(s.tokens, token{id: start.text(w.Text)})
		}
		return
	case plain.Number:
		s.tokens = append(s.tokens, token{id: start.byte('0')})
		return
	}
	s.counts[m.Class]++
	if m.Class != words.None && w.Disguised {
		s.disguised++
	}
	if m.Stem {
		s.stems++
	}
	if w.Shouted {
		s.shouted++
	}
	if m.Class == words.People {
		s.person()
		return
	}
	read := reading(w, m)
	if folk[read] && s.tokens[len(s.tokens)-1].class == words.People {
		return // "disabled people" are one group, as "Muslims" are
	}
	s.tokens = append(s.tokens, token{id: start.text(read), class: m.Class})
	s.chars = grams(s.chars, read)
}

// folk are the words that may follow the name of a group.
var folk = map[string]bool{"people": true, "person": true, "persons": true, "folk": true, "folks": true, "community": true, "peoples": true}

// person adds a group of people; several names in a row are one.
func (s *sight) person() {
	if s.tokens[len(s.tokens)-1].class != words.People {
		s.tokens = append(s.tokens, token{id: start.byte(1), class: words.People})
	}
}

// quotation adds a word that someone repeats: that it was said matters, not what it does to others.
func (s *sight) quotation(w *plain.Word, m words.Match) {
	if w.Kind == plain.Sign {
		return
	}
	if m.Class == words.Strong || m.Class == words.Slur || m.Class == words.Insult || m.Class == words.Threat || m.Class == words.Hostile || m.Class == words.Vermin {
		s.quotedHits++
	}
	if last := s.tokens[len(s.tokens)-1]; last.id != quotedToken {
		s.tokens = append(s.tokens, token{id: quotedToken})
	}
	s.words = append(s.words, quotedToken.text(reading(w, m)).done())
}

const quotedToken = start + 77

// quotations returns which words are between quotation marks. A text that is hardly more than a quotation does not count as one:
// it would be too easy.
func quotations(list []plain.Word) span {
	open, best := -1, span{}
	for i := range list {
		if list[i].Kind != plain.Sign || list[i].Text != "\"" {
			continue
		}
		if open < 0 {
			open = i
			continue
		}
		if i-open > best.to-best.from {
			best = span{open + 1, i}
		}
		open = -1
	}
	if rest := len(list) - (best.to - best.from); rest < 5 {
		return span{}
	}
	return best
}

// span is a range of words.
type span struct{ from, to int }

func (s span) has(i int) bool { return i >= s.from && i < s.to }

// sequences adds the words, and what stands beside each.
func (s *sight) sequences() {
	s.words = slices.Grow(s.words, 7*len(s.tokens))
	for i, a := range s.tokens {
		s.words = append(s.words, a.id.done())
		if i+1 < len(s.tokens) {
			b := s.tokens[i+1]
			pair := a.id.byte(2).number(uint32(b.id))
			s.words = append(s.words, pair.done())
			if i+2 < len(s.tokens) {
				c := s.tokens[i+2]
				s.words = append(s.words, pair.number(uint32(c.id)).done(), a.id.byte(3).number(uint32(c.id)).done(),
					start.byte(4).byte(byte(a.class)).byte(byte(b.class)).number(uint32(c.id)).done())
			}
			s.words = append(s.words, start.byte(5).byte(byte(a.class)).number(uint32(b.id)).done(), a.id.byte(6).byte(byte(b.class)).done())
		}
	}
}

// signals adds which classes of words are there, and which near each other.
func (s *sight) signals() {
	for class := 1; class < words.Classes; class++ {
		n := min(s.counts[class], 3)
		for k := 1; k <= n; k++ {
			s.mark(start.byte(10).byte(byte(class)).byte(byte(k)))
		}
	}
	s.mark(start.byte(11).count(s.disguised, 2))
	s.mark(start.byte(12).count(s.stems, 2))
	s.mark(start.byte(13).count(s.quotes, 2))
	s.mark(start.byte(16).count(s.quotedHits, 2))
	if s.counts[words.Strong]+s.counts[words.Slur] > 0 {
		s.mark(start.byte(14).byte(length(len(s.tokens))))
	}
	s.near()
	s.course()
}

// course adds the order in which the classes come.
func (s *sight) course() {
	a, b := words.None, words.None
	for _, t := range s.tokens {
		if t.class == words.None {
			continue
		}
		s.words = append(s.words, start.byte(17).byte(byte(a)).byte(byte(b)).byte(byte(t.class)).done(), start.byte(18).byte(byte(b)).byte(byte(t.class)).done())
		a, b = b, t.class
	}
}

// near adds the pairs of classes that stand within five words of each other.
func (s *sight) near() {
	var seen [words.Classes][words.Classes]bool
	type place struct {
		class words.Class
		at    int
	}
	var last [5]place
	n := 0
	for i, t := range s.tokens {
		if t.class == words.None {
			continue
		}
		for k := range min(n, len(last)) {
			p := last[(n-1-k)%len(last)]
			if i-p.at > 6 {
				break
			}
			if !seen[p.class][t.class] {
				seen[p.class][t.class] = true
				s.mark(start.byte(15).byte(byte(p.class)).byte(byte(t.class)))
			}
		}
		last[n%len(last)] = place{t.class, i}
		n++
	}
}

func (s *sight) mark(h hash) { s.marks = append(s.marks, h.done()) }

// length is a number of words, roughly.
func length(n int) byte {
	switch {
	case n <= 4:
		return 0
	case n <= 7:
		return 1
	case n <= 15:
		return 2
	}
	return 3
}
