package collections

import (
	"slices"
	"sync"
	"time"

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
	Mark       bool         // it tells of a watermark, and may wait a moment for the next
}

const changesKey = "changes"

// overdue is how long a transaction that has ended may take to say how. Only one that ended in a panic never does.
const overdue = 5 * time.Second

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
	passed  bool // a later transaction is done, and so this one has ended
}

// WatchChanges makes watch the one who is told of everything announced. It is called by one goroutine at a time, in
// order, and must not wait.
func WatchChanges(app core.App, watch func([]Change)) {
	app.Store().Set(changesKey, &Changes{open: map[*core.TxAppInfo]*ticket{}, watch: watch})
}

// Announce tells of changes once the transaction of app has committed; outside of one, at once, and then as the record
// stands when it is shown, since nobody knows which of two writes came first. Where nobody watches, as in a command, it
// does nothing.
func Announce(app core.App, changes ...Change) {
	c, ok := app.Store().Get(changesKey).(*Changes)
	if !ok || len(changes) == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if tx := app.TxInfo(); tx != nil {
		t := c.ticketOf(tx)
		t.changes = append(t.changes, changes...)
		return
	}
	for i := range changes {
		changes[i].Record = nil
	}
	c.watch(changes)
}

// Announced counts what the transaction of app has announced so far, to go back to with [Withdraw]. It takes the place
// of the transaction in the order, if it has none yet.
func Announced(app core.App) int {
	c, ok := app.Store().Get(changesKey).(*Changes)
	if !ok {
		return 0
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.ticketOf(app.TxInfo()).changes)
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

func (c *Changes) ticketOf(tx *core.TxAppInfo) *ticket {
	t := c.open[tx]
	if t == nil {
		t = &ticket{}
		c.open[tx] = t
		c.queue = append(c.queue, t)
		tx.OnComplete(func(failed error) error {
			c.complete(tx, failed)
			return nil
		})
	}
	return t
}

func (c *Changes) complete(tx *core.TxAppInfo, failed error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.open[tx]
	delete(c.open, tx)
	if failed != nil {
		t.changes = nil
	}
	if t.done { // given up, and it comes after all: late is better than never
		c.tell(t)
		return
	}
	t.done = true
	c.flush()
	c.pass(t)
}

// flush tells of everything at the head of the queue that is decided.
func (c *Changes) flush() {
	for len(c.queue) > 0 && c.queue[0].done {
		c.tell(c.queue[0])
		c.queue[0] = nil
		c.queue = c.queue[1:]
	}
}

func (c *Changes) tell(t *ticket) {
	if len(t.changes) > 0 {
		c.watch(t.changes)
	}
}

// pass sees to it that what comes before a decided ticket is decided soon: all of that has ended, but a transaction that
// panicked does not say so, and would block the others forever.
func (c *Changes) pass(decided *ticket) {
	for _, t := range c.queue[:max(slices.Index(c.queue, decided), 0)] {
		if !t.passed && !t.done {
			t.passed = true
			time.AfterFunc(overdue, func() { c.giveUp(t) })
		}
	}
}

// giveUp takes a ticket out of the others' way.
func (c *Changes) giveUp(t *ticket) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if t.done {
		return
	}
	t.done = true
	if i := slices.Index(c.queue, t); i >= 0 {
		c.queue = slices.Delete(c.queue, i, i+1)
	}
	c.flush()
}

// CopyOf is a copy of a record as it is stored, without what was added to show it.
func CopyOf(record *core.Record) *core.Record { return record.Fresh() }
