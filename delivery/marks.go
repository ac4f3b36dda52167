package delivery

import (
	"sync"
	"time"

	"carecollective/internal/changes"
)

// marksGap is the minimum time between two announcements of one member's watermark.
const marksGap = time.Second

// watermarkThrottle throttles changes of the same member's watermark. A change that is held back is shown with the watermark of that time.
type watermarkThrottle struct {
	mu   sync.Mutex
	told map[string]time.Time // by participant, when it was last shown
	held map[string]changes.Change
}

func newWatermarkThrottle() *watermarkThrottle {
	return &watermarkThrottle{told: map[string]time.Time{}, held: map[string]changes.Change{}}
}

// pass reports whether a change may be shown now; if not, it is held back until it is due.
func (m *watermarkThrottle) pass(change changes.Change, now time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if now.Sub(m.told[change.ID]) < marksGap {
		m.held[change.ID] = change
		return false
	}
	m.told[change.ID] = now
	delete(m.held, change.ID)
	return true
}

// due removes the changes that have been held back long enough.
func (m *watermarkThrottle) due(now time.Time) []changes.Change {
	m.mu.Lock()
	defer m.mu.Unlock()
	var due []changes.Change
	for id, at := range m.told {
		if now.Sub(at) < marksGap {
			continue
		}
		delete(m.told, id)
		if change, ok := m.held[id]; ok {
			delete(m.held, id)
			due = append(due, change) // still a mark: it passes, and the next one waits
		}
	}
	return due
}
