package collections

import (
	"sync"

	"github.com/pocketbase/pocketbase/core"
)

// What has become of a record, in the words of PocketBase's realtime events.
const (
	ActionCreate = "create"
	ActionUpdate = "update"
	ActionDelete = "delete"
)

// Change is something that members who are online should see at once.
type Change struct {
	Collection string
	Action     string
	ID         string
	Record     *core.Record // as it was stored; nil to be read when it is shown
	For        []string     // the members who see it
}

const changesKey = "changes"

// Changes brings what has been committed to whoever watches, in the order of the commits.
type Changes struct {
	mu    sync.Mutex
	open  map[*core.TxAppInfo]*ticket
	queue []*ticket // in the order in which their transactions began to write
	watch func([]Change)
}

// ticket is the place of one transaction in the order: writers queue, so the order of the tickets is that of the commits.
type ticket struct {
	changes []Change
	done    bool
}

// WatchChanges makes watch the one who is told of everything announced. It is called by one goroutine at a time, in
// order, and must not wait.
func WatchChanges(app core.App, watch func([]Change)) {
	app.Store().Set(changesKey, &Changes{open: map[*core.TxAppInfo]*ticket{}, watch: watch})
}

// Announce tells of changes once the transaction of app has committed; outside of one, at once. Where nobody watches, as
// in a command, it does nothing.
func Announce(app core.App, changes ...Change) {
	c, ok := app.Store().Get(changesKey).(*Changes)
	if !ok || len(changes) == 0 {
		return
	}
	tx := app.TxInfo()
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.open[tx]
	if t == nil {
		t = &ticket{}
		c.queue = append(c.queue, t)
		if tx != nil {
			c.open[tx] = t
			tx.OnComplete(func(failed error) error {
				c.complete(tx, failed)
				return nil
			})
		}
	}
	t.changes = append(t.changes, changes...)
	if tx == nil {
		t.done = true
		c.flush()
	}
}

// Announced counts what the transaction of app has announced so far, to go back to with [Withdraw].
func Announced(app core.App) int {
	c, ok := app.Store().Get(changesKey).(*Changes)
	if !ok {
		return 0
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if t := c.open[app.TxInfo()]; t != nil {
		return len(t.changes)
	}
	return 0
}

// Withdraw takes back what was announced beyond the first n: a part of the transaction was undone.
func Withdraw(app core.App, n int) {
	c, ok := app.Store().Get(changesKey).(*Changes)
	if !ok {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if t := c.open[app.TxInfo()]; t != nil {
		t.changes = t.changes[:n]
	}
}

func (c *Changes) complete(tx *core.TxAppInfo, failed error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.open[tx]
	delete(c.open, tx)
	if failed != nil {
		t.changes = nil
	}
	t.done = true
	c.flush()
}

// flush tells of everything at the head of the queue that is decided.
func (c *Changes) flush() {
	for len(c.queue) > 0 && c.queue[0].done {
		if changes := c.queue[0].changes; len(changes) > 0 {
			c.watch(changes)
		}
		c.queue[0] = nil
		c.queue = c.queue[1:]
	}
}

// CopyOf is a copy of a record as it is stored, without what was added to show it.
func CopyOf(record *core.Record) *core.Record { return record.Fresh() }
