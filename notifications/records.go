package notifications

import (
	"sync"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/internal/changes"
)

const (
	recordsAtOnce = 64                    // how many attempts are recorded in one go, so that nobody waits long for the database
	recordsWithin = 15 * time.Millisecond // how long the first of them waits for the others
	recordsApart  = time.Second           // and how long after the last go, while someone writes
)

// records writes the results of attempts, several in one batch and one batch at a time, so that ten thousand of them do not get in
// the way of someone who sends a message.
type records struct {
	app   core.App
	busy  func() bool // whether someone writes
	queue chan record
	gone  chan struct{}
	once  sync.Once
}

type record struct {
	write func(core.App) error
	done  chan error
}

func newRecords(app core.App, busy func() bool) *records {
	return &records{app: app, busy: busy, queue: make(chan record), gone: make(chan struct{})}
}

// add writes in the next batch, and returns once that is on the disk.
func (r *records) add(write func(core.App) error) error {
	entry := record{write: write, done: make(chan error, 1)}
	r.queue <- entry
	return <-entry.done
}

// run writes until end: single results at once, and a series, while a member writes, in few batches.
func (r *records) run() {
	for last := (time.Time{}); ; last = time.Now() {
		select {
		case <-r.gone:
			return
		case first := <-r.queue:
			wait := recordsWithin
			if r.busy() {
				wait = max(wait, recordsApart-time.Since(last))
			}
			r.write(r.gather(first, wait))
		}
	}
}

// end stops run. Nothing may be added any more.
func (r *records) end() { r.once.Do(func() { close(r.gone) }) }

func (r *records) gather(first record, within time.Duration) []record {
	batch := []record{first}
	timer := time.NewTimer(within)
	defer timer.Stop()
	for len(batch) < recordsAtOnce {
		select {
		case next := <-r.queue:
			batch = append(batch, next)
		case <-timer.C:
			return batch
		}
	}
	return batch
}

// write writes a batch; if one result fails, it writes each separately, so that only that one fails.
func (r *records) write(batch []record) {
	err := r.together(batch)
	for _, entry := range batch {
		if err != nil && len(batch) > 1 {
			entry.done <- r.together([]record{entry})
			continue
		}
		entry.done <- err
	}
}

func (r *records) together(batch []record) error {
	return changes.Writers(r.app).Do(r.app, func(txApp core.App) error {
		for _, entry := range batch {
			if err := entry.write(txApp); err != nil {
				return err
			}
		}
		return nil
	})
}
