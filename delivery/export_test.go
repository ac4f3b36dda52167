package delivery

import (
	"time"

	"carecollective/internal/changes"
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

// Sweep does what would be due at now.
func Sweep(l *Live, now time.Time) { l.sweep(now) }

// Flood announces so much at once that not all of it can wait.
func Flood(l *Live) {
	l.pending.add(make([]changes.Change, maxBacklog+1))
}

// Farewell does what the end of the server does to its streams.
func Farewell(l *Live) { l.shutdownStreams() }

// Streams counts the open streams.
func Streams(l *Live) int { return len(l.hub.list()) }

// Waits counts the requests of a member that wait.
func Waits(l *Live, member string) int {
	ws := l.waits
	ws.mu.Lock()
	defer ws.mu.Unlock()
	return len(ws.at[member])
}

// Stalled counts the streams on which a write has lasted too long.
func Stalled(l *Live) (n int) {
	for _, s := range l.hub.list() {
		s.mu.Lock()
		if !s.since.IsZero() && time.Since(s.since) > stalledAfter {
			n++
		}
		s.mu.Unlock()
	}
	return n
}

// WriteWithoutDeadline lets the writes that last now go on forever.
func WriteWithoutDeadline(l *Live) {
	for _, s := range l.hub.list() {
		s.mu.Lock()
		_ = s.control.SetWriteDeadline(time.Time{}) // the connection may be gone already
		s.mu.Unlock()
	}
}

// Queued returns the largest number of bytes that wait for one reader.
func Queued(l *Live) (most int) {
	for _, s := range l.hub.list() {
		s.mu.Lock()
		most = max(most, s.bytes)
		s.mu.Unlock()
	}
	return most
}
