package moderation

import (
	"time"

	"carecollective/collections"
	"carecollective/consent"
)

// ladderOf returns how penalties escalate and fade in this collective.
func ladderOf(s *collections.SettingsRecord) Ladder {
	ladder := Standard
	ladder.Fade = collections.Days(s.Int("strikes_fade_after_days"))
	return ladder
}

// Ladder says how penalties escalate and fade. The zero value is not usable; begin with Standard.
type Ladder struct {
	Steps      []string      // levels of package consent: what follows the first violation, the second, and so on; the last is repeated
	Suspension time.Duration // how long a suspension lasts
	Fade       time.Duration // after how long a violation no longer counts
	Cost       int           // what a violation takes off the trust score
	Start      int           // the trust score of someone with no history, and the most to which it grows back
}

// Standard is the default ladder.
var Standard = Ladder{
	Steps:      []string{consent.LevelWarning, consent.LevelLimited, consent.LevelSuspended, consent.LevelBanned},
	Suspension: 7 * 24 * time.Hour,
	Fade:       180 * 24 * time.Hour,
	Cost:       10,
	Start:      75,
}

// Penalty is the consequence of a violation.
type Penalty struct {
	Step  string // a level of package consent; empty for none
	Trust int    // the trust score with this violation counted, 0 to 100
}

// Next returns the consequence of a violation that is verified now, after those in history. History is when each earlier
// violation was verified, in any order and without those that were undone on appeal.
func (l Ladder) Next(history []time.Time, now time.Time) Penalty {
	p := Penalty{Trust: l.trust(l.counting(history, now) + 1)}
	if len(l.Steps) == 0 {
		return p
	}
	p.Step = l.Steps[min(l.counting(history, now), len(l.Steps)-1)]
	return p
}

// Trust returns the trust score after a history of violations: the deduction of each is restored when it fades.
func (l Ladder) Trust(history []time.Time, now time.Time) int {
	return l.trust(l.counting(history, now))
}

func (l Ladder) trust(violations int) int {
	return max(0, min(100, l.Start-l.Cost*violations))
}

// counting is how many violations have not faded.
func (l Ladder) counting(history []time.Time, now time.Time) int {
	n := 0
	for _, at := range history {
		if at.Add(l.Fade).After(now) {
			n++
		}
	}
	return n
}
