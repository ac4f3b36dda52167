package screening

import (
	_ "embed"
	"strings"
	"sync"

	"carecollective/moderation/screening/internal/features"
	"carecollective/moderation/screening/internal/plain"
)

// fraud reports whether a text advertises or cheats: by a model that knows how such texts read, and by the patterns of
// scams that people who ask for help meet most.
func (s *Screener) fraud(t *plain.Text) []Finding {
	confidence := confident(s.spam, features.Spam(t))
	var found []Finding
	if why := scams().match(spoken(t)); why != "" {
		confidence = max(confidence, 0.8)
		found = append(found, Finding{Category: Scam, End: len(t.Original), Confidence: confidence, why: why, blocks: confidence >= s.block})
	} else if confidence >= s.flag {
		found = append(found, Finding{Category: Spam, End: len(t.Original), Confidence: confidence})
	}
	return found
}

// catalogue is the kinds of scams that are known: a text is one if it says something of each of its groups.
type catalogue struct {
	reasons []string            // of each kind
	groups  []uint8             // a bit for each group of each kind
	phrases map[string][]phrase // by their first word
}

// phrase belongs to a group of a kind of scam.
type phrase struct {
	text  string
	kind  int
	group uint8 // its bit
}

//go:embed scams.txt
var scamPatterns string

var scams = sync.OnceValue(func() *catalogue {
	c := &catalogue{phrases: map[string][]phrase{}}
	for line := range strings.Lines(scamPatterns) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if reason, ok := strings.CutPrefix(line, "= "); ok {
			c.reasons = append(c.reasons, reason)
			c.groups = append(c.groups, 0)
			continue
		}
		kind := len(c.groups) - 1
		bit := c.groups[kind] + 1 // the groups before have the lower bits
		c.groups[kind] |= bit
		for text := range strings.SplitSeq(line, ",") {
			text = strings.TrimSpace(text)
			first, _, _ := strings.Cut(text, " ")
			c.phrases[first] = append(c.phrases[first], phrase{text + " ", kind, bit})
		}
	}
	return c
})

// mostKinds is how many kinds of scams there can be.
const mostKinds = 64

// match returns why a text is a known scam; empty if it is not.
func (c *catalogue) match(said string) string {
	var seen [mostKinds]uint8
	for at := 0; at < len(said); {
		end := at + strings.IndexByte(said[at:], ' ')
		for _, p := range c.phrases[said[at:end]] {
			if strings.HasPrefix(said[at:], p.text) {
				seen[p.kind] |= p.group
			}
		}
		at = end + 1
	}
	for kind, groups := range c.groups {
		if seen[kind] == groups {
			return c.reasons[kind]
		}
	}
	return ""
}

var money = set("$ £ € %")

// spoken is a text as bare words: the signs of money stand for themselves, and every number is a 0. Each word is followed by a space.
func spoken(t *plain.Text) string {
	var b strings.Builder
	b.Grow(len(t.Folded) + 2)
	for i := range t.Words {
		switch w := &t.Words[i]; w.Kind {
		case plain.Letters:
			b.WriteString(w.Clear)
		case plain.Number:
			b.WriteByte('0')
		case plain.Sign:
			if !money[w.Text] {
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
