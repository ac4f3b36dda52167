package screening

import (
	"carecollective/moderation/screening/internal/features"
	"carecollective/moderation/screening/internal/linear"
	"carecollective/moderation/screening/internal/plain"
	"carecollective/moderation/screening/internal/words"
)

// attacks reports whether a text attacks someone, by what it says as a whole. A listed word is shown to the reader as
// the reason, but is not a reason by itself; only the operator's own words are.
func (s *Screener) attacks(t *plain.Text, known []features.Found) []Finding {
	confidence := confident(s.toxicity, features.Toxicity(t, known))
	if confidence < s.flag {
		return unwanted(t, known)
	}
	var found []Finding
	blocks := confidence >= s.block && evidence(known) >= 2
	for _, k := range known {
		if category := categoryOf(k.Class); category != "" {
			w := &t.Words[k.Index]
			found = append(found, Finding{Category: category, Start: w.Start, End: w.End, Confidence: confidence, blocks: blocks})
		}
	}
	if len(found) == 0 {
		found = append(found, Finding{Category: Harassment, Start: 0, End: len(t.Original), Confidence: confidence, blocks: blocks})
	}
	return found
}

// confident is how sure a model is; 0.5 where it begins to speak up.
func confident(m *linear.Model, f linear.Features) float64 {
	return linear.Probability(m.Score(f) - float64(m.Threshold))
}

// unwanted finds the words of the operator.
func unwanted(t *plain.Text, known []features.Found) []Finding {
	var found []Finding
	for _, k := range known {
		if k.Class == words.Operator {
			w := &t.Words[k.Index]
			found = append(found, Finding{Category: Profanity, Start: w.Start, End: w.End, Confidence: 0.8, why: "it contains a word that this community asks not to use"})
		}
	}
	return found
}

func categoryOf(c words.Class) string {
	switch c {
	case words.Strong, words.Operator:
		return Profanity
	case words.Slur, words.Insult, words.Threat, words.Vermin, words.Hostile:
		return Harassment
	}
	return ""
}

// evidence counts the kinds of words that speak for an attack, and whether someone is there to be attacked.
func evidence(known []features.Found) int {
	var seen [words.Classes]bool
	n := 0
	for _, k := range known {
		if !seen[k.Class] && (categoryOf(k.Class) != "" || k.Class == words.You || k.Class == words.People) {
			n++
		}
		seen[k.Class] = true
	}
	return n
}
