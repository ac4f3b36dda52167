package moderation

import (
	_ "embed" // the patterns of scams
	"strings"
	"sync"

	"carecollective/moderation/internal/features"
	"carecollective/moderation/internal/plain"
)

// fraud tells whether a text advertises or cheats: by a model that knows how such texts read, and by the patterns of
// scams that people who ask for help meet most.
func (s *Screener) fraud(t *plain.Text) []Finding {
	confidence := confident(s.spam, features.Spam(t))
	var found []Finding
	if p := matching(t); p != nil {
		confidence = max(confidence, 0.8)
		found = append(found, Finding{Category: Scam, End: len(t.Original), Confidence: confidence, why: p.why, blocks: confidence >= s.block})
	} else if confidence >= s.flag {
		found = append(found, Finding{Category: Spam, End: len(t.Original), Confidence: confidence})
	}
	return found
}

// pattern is a kind of scam: a text is one if it says something of each group.
type pattern struct {
	why    string
	groups [][]string
}

//go:embed scams.txt
var scamPatterns string

var patterns = sync.OnceValue(func() []pattern {
	var list []pattern
	for line := range strings.Lines(scamPatterns) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if why, ok := strings.CutPrefix(line, "= "); ok {
			list = append(list, pattern{why: why})
			continue
		}
		var group []string
		for phrase := range strings.SplitSeq(line, ",") {
			group = append(group, " "+strings.TrimSpace(phrase)+" ")
		}
		last := &list[len(list)-1]
		last.groups = append(last.groups, group)
	}
	return list
})

// matching is the scam that a text is, if it is one of those that are known.
func matching(t *plain.Text) *pattern {
	said := spoken(t)
	list := patterns()
	for i := range list {
		if list[i].matches(said) {
			return &list[i]
		}
	}
	return nil
}

func (p *pattern) matches(said string) bool {
	for _, group := range p.groups {
		if !anyOf(said, group) {
			return false
		}
	}
	return true
}

func anyOf(said string, phrases []string) bool {
	for _, phrase := range phrases {
		if strings.Contains(said, phrase) {
			return true
		}
	}
	return false
}

// spoken is a text as bare words: the signs of money stand for themselves, and every number is a 0.
func spoken(t *plain.Text) string {
	var b strings.Builder
	b.Grow(len(t.Folded) + 2)
	b.WriteByte(' ')
	for i := range t.Words {
		switch w := &t.Words[i]; w.Kind {
		case plain.Letters:
			b.WriteString(w.Clear)
		case plain.Number:
			b.WriteByte('0')
		case plain.Sign:
			if !strings.Contains("$£€%", w.Text) {
				continue
			}
			b.WriteByte('$')
		default:
			continue
		}
		b.WriteByte(' ')
	}
	return b.String()
}
