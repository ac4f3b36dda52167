package notifications

import (
	"math/rand/v2"
	"sync"
	"time"
)

const (
	laneStart = 4  // how many calls a host gets at once before it is known
	laneMost  = 16 // and when it is known to answer

	shortestWait = 20 * time.Second
	longestWait  = 30 * time.Minute
)

// hostQueues are the host queues, so that a slow or dead host delays no other: each has a number of calls that it may have at once,
// which grows while it answers and shrinks to one, after a pause, when it does not.
type hostQueues struct {
	mu sync.Mutex
	by map[string]*hostQueue
}

type hostQueue struct {
	flying   int
	width    int
	failures int
	until    time.Time // when it may be tried again
}

func newHostQueues() *hostQueues { return &hostQueues{by: map[string]*hostQueue{}} }

// enter takes a slot in a host queue; false if there is none now.
func (l *hostQueues) enter(name string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := l.lane(name)
	if !at.open(now) {
		return false
	}
	at.flying++
	return true
}

func (l *hostQueues) lane(name string) *hostQueue {
	at := l.by[name]
	if at == nil {
		at = &hostQueue{width: laneStart}
		l.by[name] = at
	}
	return at
}

func (a *hostQueue) open(now time.Time) bool { return a.flying < a.width && !now.Before(a.until) }

// busy lists the host queues in which nothing can be started now. Queues in their initial state are dropped.
func (l *hostQueues) busy(now time.Time) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var names []string
	for name, at := range l.by {
		switch {
		case !at.open(now):
			names = append(names, name)
		case at.flying == 0 && at.failures == 0 && len(l.by) > 1_000:
			delete(l.by, name)
		}
	}
	return names
}

// host is what an attempt showed about a host.
type host int

const (
	hostUnknown host = iota // it was not called
	hostAnswers
	hostTroubled // it did not answer as it should
)

// leave releases a slot. found is what is known about the host now; wait is how long it asks us to wait, 0 for the
// default.
func (l *hostQueues) leave(name string, found host, wait time.Duration, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := l.lane(name)
	at.flying = max(at.flying-1, 0)
	switch found {
	case hostUnknown:
		return
	case hostAnswers:
		at.failures = 0
		at.width = min(at.width+1, laneMost)
		return
	}
	if now.Before(at.until) && wait == 0 {
		return // it was known already, from another call that began before
	}
	at.failures++
	at.width = 1
	if wait == 0 {
		wait = backoff(at.failures)
	}
	at.until = now.Add(wait)
}

// backoff doubles the wait with each failure, with jitter, so that entries that failed together do not return together.
func backoff(failures int) time.Duration {
	wait := min(shortestWait<<min(max(failures-1, 0), 10), longestWait)
	return wait/2 + rand.N(wait) //nolint:gosec // no secret depends on it
}
