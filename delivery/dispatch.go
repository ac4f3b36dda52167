package delivery

import (
	"context"
	"runtime/debug"
	"sync"
	"time"

	"carecollective/internal/changes"
)

const (
	sweepGap   = 500 * time.Millisecond // between looks at who may still read
	keepGap    = 2 * time.Second        // between looks at which streams need a heartbeat: with many streams this is the expensive part
	maxBacklog = 50_000                 // maximum number of waiting changes, some seconds of a server under full load
)

// backlog holds committed changes that were not delivered yet, in order.
type backlog struct {
	mu      sync.Mutex
	changes []changes.Change
	lost    bool // some did not fit
	wake    chan struct{}
}

func newBacklog() *backlog { return &backlog{wake: make(chan struct{}, 1)} }

func (b *backlog) add(changes []changes.Change) {
	b.mu.Lock()
	if len(b.changes)+len(changes) > maxBacklog {
		b.changes, b.lost = nil, true
	} else {
		b.changes = append(b.changes, changes...)
	}
	b.mu.Unlock()
	select {
	case b.wake <- struct{}{}:
	default: // it is already going to look
	}
}

// drain removes what waits, and reports whether anything before it was lost.
func (b *backlog) drain() (changes []changes.Change, lost bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	changes, lost = b.changes, b.lost
	b.changes, b.lost = nil, false
	return changes, lost
}

// deliverChanges is the only goroutine that delivers changes, so that each reader gets them in order.
func (l *Live) deliverChanges(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.pending.wake:
			changes, lost := l.pending.drain()
			if lost { // every stream has missed something
				l.resyncAll("behind")
			}
			for _, change := range changes {
				if !change.Mark || l.marks.pass(change, time.Now()) {
					l.safely(func() { l.show(change) })
				}
			}
		}
	}
}

// safely runs one part of the work, so that a panic in it does not stop the rest.
func (l *Live) safely(run func()) {
	defer func() {
		if r := recover(); r != nil {
			l.app.Logger().Error("Panic in delivery", "error", r, "stack", string(debug.Stack()))
		}
	}()
	run()
}

// sweep does the periodic work: it ends streams that must end, keeps the others open, stores receipts, and sends changes that
// were held back and ends of typing.
func (l *Live) sweep(now time.Time) {
	l.watch.recheck(now)
	if l.hub.keep(now) {
		for _, s := range l.hub.list() {
			s.heartbeat(now)
		}
	}
	l.receipts.store(now)
	if due := l.marks.due(now); len(due) > 0 {
		l.pending.add(due)
	}
	for _, t := range l.typists.over(now) {
		l.stopTyping(t, now)
	}
}
