package erasure

import (
	"time"
)

const (
	// Trust is how long the clock must have been steady, and how long a large deletion must have been due.
	Trust = 24 * time.Hour
	// slack is how far the two clocks may differ between two looks: clocks are put right by a little all the time.
	slack = 5 * time.Minute
	// absence is how long the program may have been away before the time of day must prove itself again.
	absence = Trust
	// handful is what is never large, and largest is the part of all messages from which more than that is: one in ten.
	handful = 10
	largest = 10
)

// Watch is the state between two looks. The zero Watch has seen nothing.
type Watch struct {
	Looked  time.Time     // when the last look was, by the time of day
	Steady  time.Duration // how long the clock has been steady
	Sighted bool          // something large was due
	Since   time.Duration // how long the clock had been steady when it was first
}

// Look is the current observation.
type Look struct {
	Now     time.Time     // the time of day
	Elapsed time.Duration // since the last look, by the process's own clock; negative when this is its first
	Due     int           // how many messages are due
	Total   int           // of how many
}

// Verdict says what may be deleted.
type Verdict int

// The verdicts.
const (
	Nothing Verdict = iota // nothing is due
	Wait                   // the clock has not proved itself, or something large is due that was not for long
	Delete
)

// Next decides, and returns the state to remember.
func (w Watch) Next(l Look) (Verdict, Watch) {
	next := Watch{Looked: l.Now, Steady: w.steady(l)}
	large := l.Due > handful && l.Due > l.Total/largest
	if large {
		next.Sighted, next.Since = true, next.Steady
		if w.Sighted && next.Steady >= w.Steady {
			next.Since = w.Since
		}
	}
	switch {
	case l.Due == 0:
		return Nothing, next
	case next.Steady < Trust, large && next.Steady-next.Since < Trust:
		return Wait, next
	}
	return Delete, next
}

// steady returns how long the clock has been steady at a look; it restarts after a jump.
func (w Watch) steady(l Look) time.Duration {
	passed := l.Now.Sub(w.Looked)
	switch {
	case w.Looked.IsZero(), passed < 0:
		return 0
	case l.Elapsed < 0 && passed <= absence: // a restart: how long it was away is not proved, and does not count
		return w.Steady
	case l.Elapsed < 0, (passed - l.Elapsed).Abs() > slack:
		return 0
	}
	return w.Steady + passed
}
