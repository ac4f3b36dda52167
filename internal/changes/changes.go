package changes

import (
	"slices"
	"sync"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/internal/store"
)

var watched = store.NewService[*Changes]("changes", nil) // while the app serves

// AnnounceOwn announces to a member a change of a record that only they see.
func AnnounceOwn(app core.App, action, member string, record *core.Record) {
	Announce(app, Change{Collection: record.Collection().Name, Action: action, ID: record.Id, Record: CopyOf(record), For: []string{member}})
}

// The actions of PocketBase's realtime events.
const (
	ActionCreate = "create"
	ActionUpdate = "update"
	ActionDelete = "delete"
)

// Change is an event that online members should receive at once.
type Change struct {
	Collection string
	Action     string
	ID         string
	Record     *core.Record // as it was stored; nil means that it is read when it is shown
	For        []string     // the members who see it
	Mark       bool         // it is about a watermark, and may be merged with the next one
}

// overdue is how long an ended transaction may take to report its outcome. Only one that panicked never does.
const overdue = 5 * time.Second

// Changes passes committed changes to the watcher, in commit order.
type Changes struct {
	mu    sync.Mutex
	open  map[*core.TxAppInfo]*ticket
	queue []*ticket // in the order in which their transactions began to write
	watch func([]Change)
}

// ticket is the position of one transaction in the order. Writers queue, so tickets have the order of the commits.
type ticket struct {
	changes []Change
	done    bool
	passed  bool // a later transaction has ended, so this one has ended too
}

// WatchChanges registers watch, which receives everything that is announced. It is called by one goroutine at a time, in
// order, and must not wait.
func WatchChanges(app core.App, watch func([]Change)) {
	watched.Set(app, &Changes{open: map[*core.TxAppInfo]*ticket{}, watch: watch})
}

// Announce publishes changes once the transaction of app has committed; outside of one, at once, and then as the record
// is when it is shown, since nobody knows which of two writes came first. Without a watcher, as in a command, it
// does nothing.
func Announce(app core.App, changes ...Change) {
	c, ok := watched.Find(app)
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

// Announced counts what the transaction of app has announced so far, as a mark for [Withdraw]. It takes the position
// of the transaction in the order, if it has none yet.
func Announced(app core.App) int {
	c, ok := watched.Find(app)
	if !ok {
		return 0
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.ticketOf(app.TxInfo()).changes)
}

// Withdraw discards what was announced after the first n, because a part of the transaction was rolled back.
func Withdraw(app core.App, n int) {
	c, ok := watched.Find(app)
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
	if t.done { // it was given up and arrives after all: late is better than never
		c.tell(t)
		return
	}
	t.done = true
	c.flush()
	c.pass(t)
}

// flush publishes everything at the head of the queue whose outcome is known.
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

// pass makes sure that the tickets before a decided one are decided soon. All of them have ended, but a transaction that
// panicked does not say so, and would block the others forever.
func (c *Changes) pass(decided *ticket) {
	for _, t := range c.queue[:max(slices.Index(c.queue, decided), 0)] {
		if !t.passed && !t.done {
			t.passed = true
			time.AfterFunc(overdue, func() { c.giveUp(t) })
		}
	}
}

// giveUp removes a ticket that blocks the others.
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

// CopyOf returns a copy of a record as it is stored, without the values that were added to show it.
func CopyOf(record *core.Record) *core.Record { return record.Fresh() }
