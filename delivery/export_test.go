package delivery

import (
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
)

// How long things last that the tests bring about by telling a later time.
const (
	UnboundFor   = unboundFor
	HeartbeatGap = heartbeatGap
	TypingFor    = typingFor
	ProbeGap     = probeGap
	StalledBytes = stalledBytes
	StalledAfter = stalledAfter
)

func live(app core.App) *Live { return app.Store().Get(liveKey).(*Live) }

// Sweep does what would be due at now.
func Sweep(app core.App, now time.Time) { live(app).sweep(now) }

// Flood announces so much at once that not all of it can wait.
func Flood(app core.App) {
	live(app).pending.add(make([]collections.Change, most+1))
}

// Farewell does what the end of the server does to its streams.
func Farewell(app core.App) { live(app).farewell() }

// Streams counts the open streams.
func Streams(app core.App) int { return len(live(app).hub.list()) }

// Waits counts the requests of a member that wait.
func Waits(app core.App, member string) int {
	ws := live(app).waits
	ws.mu.Lock()
	defer ws.mu.Unlock()
	return len(ws.at[member])
}

// Stalled counts the streams on which a write has lasted too long.
func Stalled(app core.App) (n int) {
	for _, s := range live(app).hub.list() {
		s.mu.Lock()
		if !s.since.IsZero() && time.Since(s.since) > stalledAfter {
			n++
		}
		s.mu.Unlock()
	}
	return n
}

// Queued returns the largest number of bytes that wait for one reader.
func Queued(app core.App) (most int) {
	for _, s := range live(app).hub.list() {
		s.mu.Lock()
		most = max(most, s.bytes)
		s.mu.Unlock()
	}
	return most
}
