package delivery

import (
	"context"
	"sync"
	"time"

	"carecollective/collections"
)

const (
	sweepGap = 500 * time.Millisecond // between looks at who may still read
)

// backlog is what has been committed and not been brought to anybody yet, in order.
type backlog struct {
	mu      sync.Mutex
	changes []collections.Change
	wake    chan struct{}
}

func newBacklog() *backlog { return &backlog{wake: make(chan struct{}, 1)} }

func (b *backlog) add(changes []collections.Change) {
	b.mu.Lock()
	b.changes = append(b.changes, changes...)
	b.mu.Unlock()
	select {
	case b.wake <- struct{}{}:
	default: // it will look anyway
	}
}

func (b *backlog) take() []collections.Change {
	b.mu.Lock()
	defer b.mu.Unlock()
	changes := b.changes
	b.changes = nil
	return changes
}

// run brings changes to the streams, stores receipts, keeps streams open and ends those that must end.
func (l *Live) run(ctx context.Context) {
	go l.bring(ctx)
	sweep, beats := time.NewTicker(sweepGap), time.NewTicker(heartbeatGap)
	defer sweep.Stop()
	defer beats.Stop()
	watch := newWatch(l.app, l.hub)
	for {
		select {
		case <-ctx.Done():
			return
		case <-sweep.C:
			watch.look(time.Now())
			l.receipts.store(time.Now())
		case <-beats.C:
			l.beatAll()
		}
	}
}

// bring is the one goroutine that shows changes, so that each reader gets them in order.
func (l *Live) bring(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.pending.wake:
			for _, change := range l.pending.take() {
				l.show(change)
			}
		}
	}
}

func (l *Live) beatAll() {
	for _, s := range l.hub.list() {
		if s.idle() {
			s.push(beatMessage, receipt{})
		}
	}
}
