package main

import (
	"carecollective/moderation/screening/internal/features"
	"carecollective/moderation/screening/internal/linear"
	"carecollective/moderation/screening/internal/plain"
	"carecollective/moderation/screening/internal/words"
)

// lesson is what a model learns from one row.
type lesson struct {
	row      row
	toxicity linear.Features
	spam     linear.Features
}

func prepare(rows []row) []lesson {
	lexicon := words.Load()
	lessons := make([]lesson, len(rows))
	for i, r := range rows {
		t := plain.Read(r.Text)
		lessons[i] = lesson{row: r, toxicity: features.Toxicity(t, features.Find(t, lexicon)), spam: features.Spam(t)}
	}
	return lessons
}

// toxicityWeight tells how much a row counts for learning what is toxic; 0 if it tells nothing about it.
func toxicityWeight(r row) float64 {
	switch r.Category {
	case "toxicity":
		if r.Source == "hatemoji_build" {
			return 0 // written to fool models: it is measured and not learnt
		}
		return sourceWeight(r.Source)
	case "benign":
		return 2
	case "spam", "pii":
		if r.flagged() {
			return 0.5
		}
		return 1
	}
	return 0
}

// sourceWeight gives more weight to the few texts that were made to show a shape than to the many that were found.
func sourceWeight(source string) float64 {
	switch source {
	case "hatecheck", "multilingual_hatecheck", "own_attacks", "own_harmless":
		return 3
	}
	return 1
}

func spamWeight(r row) float64 {
	switch r.Category {
	case "spam":
		return 1
	case "benign":
		return 1
	case "pii":
		return 0.3
	case "toxicity":
		return 0.1
	}
	return 0
}

// The scores from which the models speak up, chosen by cross-validation: that of toxicity so that at most one in ten
// of those flagged is flagged wrongly, and that of spam so that hardly an honest message is.
const (
	toxicityThreshold = 1.1
	spamThreshold     = -0.3
)

var toxicityPlan = linear.Plan{Groups: features.ToxicityGroups, Passes: 8, Decay: 1e-5, Rounds: 5}

var spamPlan = linear.Plan{Groups: features.SpamGroups, Passes: 8, Decay: 1e-5, Rounds: 5}

func learnToxicity(lessons []lesson) *linear.Model {
	var examples []linear.Example
	for _, l := range lessons {
		if w := toxicityWeight(l.row); w > 0 {
			examples = append(examples, linear.Example{Features: l.toxicity, Positive: l.row.Category == "toxicity" && l.row.flagged(), Weight: w})
		}
	}
	m := toxicityPlan.Train(examples)
	m.Threshold = toxicityThreshold
	return m
}

func learnSpam(lessons []lesson) *linear.Model {
	var examples []linear.Example
	for _, l := range lessons {
		if w := spamWeight(l.row); w > 0 {
			examples = append(examples, linear.Example{Features: l.spam, Positive: l.row.Category == "spam" && l.row.flagged(), Weight: w})
		}
	}
	m := spamPlan.Train(examples)
	m.Threshold = spamThreshold
	return m
}
