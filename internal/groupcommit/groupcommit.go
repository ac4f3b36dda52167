package groupcommit

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"

	"github.com/pocketbase/pocketbase/core"
)

// most is the maximum number of writers in a transaction: enough that the wait for the disk does not matter, few enough that the
// first does not wait long for the last.
const most = 64

// Group is the writers of one app.
type Group struct {
	mu      sync.Mutex
	leading bool
	queue   []*job

	// mark and undo keep the announcements of a transaction consistent with what it commits: mark is called before each
	// writer, and undo when a writer is rolled back.
	mark func(core.App) int
	undo func(core.App, int)
}

type job struct {
	write func(core.App) error
	lead  chan struct{} // the writer is to run the next transaction, its own write included
	done  chan struct{} // someone else has
	err   error
}

// NewGroup makes the group of an app. mark and undo are called inside the shared transaction, before each writer and
// after one that was undone.
func NewGroup(mark func(core.App) int, undo func(core.App, int)) *Group {
	return &Group{mark: mark, undo: undo}
}

// Do runs write in a transaction of app and returns once it is committed, or with the error of write, whose changes
// alone are rolled back. Inside a transaction it is part of that one.
func (g *Group) Do(app core.App, write func(txApp core.App) error) error {
	if app.TxInfo() != nil {
		return write(app)
	}
	j := &job{write: write, lead: make(chan struct{}), done: make(chan struct{})}
	if !g.enter(j) {
		select {
		case <-j.done:
			return j.err
		case <-j.lead:
		}
	}
	g.run(app, g.take())
	return j.err
}

// enter queues a writer; it returns true if nobody leads, so that this writer leads.
func (g *Group) enter(j *job) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.queue = append(g.queue, j)
	if g.leading {
		return false
	}
	g.leading = true
	return true
}

func (g *Group) take() []*job {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := min(len(g.queue), most)
	jobs := g.queue[:n:n]
	if g.queue = g.queue[n:]; len(g.queue) == 0 {
		g.queue = nil
	}
	return jobs
}

// run commits the first of jobs, which is the caller's own, together with the others, and passes the lead on.
func (g *Group) run(app core.App, jobs []*job) {
	err := g.together(app, jobs)
	g.handOn()
	for _, j := range jobs {
		if err != nil && j.err == nil {
			j.err = fmt.Errorf("commit: %w", err)
		}
		close(j.done)
	}
}

// together runs jobs in one transaction. If one of them fails after it has written, it is rolled back, and all start again,
// each in a savepoint: savepoints cost much, and a writer who is refused has hardly ever written anything.
func (g *Group) together(app core.App, jobs []*job) error {
	err := g.inTransaction(app, jobs, g.runPlain)
	if errors.Is(err, errBeginAgain) {
		for _, j := range jobs {
			j.err = nil
		}
		err = g.inTransaction(app, jobs, g.runAlone)
	}
	return err
}

// errBeginAgain rolls back a transaction in which a failed writer had already written.
var errBeginAgain = errors.New("a writer failed after it had already written")

// inTransaction runs each of jobs by run, in one transaction. Its error is nil once that is committed: what hooks do
// afterwards cannot undo it, so their failure is logged and is no writer's.
func (g *Group) inTransaction(app core.App, jobs []*job, run func(core.App, *job, int) error) (err error) {
	committed := false
	defer func() {
		if r := recover(); r != nil {
			err = broken(r)
		}
		if err != nil && committed {
			app.Logger().Error("Failed to run the steps after a commit", "error", err)
			err = nil
		}
	}()
	return app.RunInTransaction(func(txApp core.App) error {
		txApp.TxInfo().OnComplete(func(failed error) error {
			committed = failed == nil
			return nil
		})
		start := g.mark(txApp) // first, so that it learns of the end before any hook does
		if len(jobs) == 1 {
			jobs[0].err = attempt(txApp, jobs[0].write)
			return jobs[0].err
		}
		before := start
		for _, j := range jobs {
			if err := run(txApp, j, before); err != nil {
				g.undo(txApp, start)
				return err
			}
			before = g.mark(txApp)
		}
		return nil
	})
}

// runPlain runs one writer. Its error affects only itself as long as it has written nothing.
func (g *Group) runPlain(txApp core.App, j *job, before int) error {
	written, err := changes(txApp)
	if err != nil {
		return err
	}
	if j.err = attempt(txApp, j.write); j.err == nil {
		return nil
	}
	if !open(txApp) { // a full disk ends the transaction itself
		return j.err
	}
	g.undo(txApp, before)
	if now, err := changes(txApp); err != nil || now != written {
		return errors.Join(errBeginAgain, err)
	}
	return nil
}

// open reports whether the transaction is still open, that is, no database error has ended it: no other can begin inside it.
func open(txApp core.App) bool { return statement(txApp, "BEGIN") != nil }

// changes counts the rows that the connection has changed since it was opened.
func changes(txApp core.App) (n int, err error) {
	if err = txApp.DB().NewQuery("SELECT total_changes()").Row(&n); err != nil {
		return 0, fmt.Errorf("count changes: %w", err)
	}
	return n, nil
}

// runAlone runs one writer in a savepoint. Its error affects only itself; a returned error rolls back the whole transaction.
func (g *Group) runAlone(txApp core.App, j *job, before int) error {
	if err := statement(txApp, "SAVEPOINT writer"); err != nil {
		return err
	}
	if j.err = attempt(txApp, j.write); j.err != nil {
		g.undo(txApp, before)
		if err := statement(txApp, "ROLLBACK TO writer"); err != nil {
			return errors.Join(j.err, err) // a full disk ends the transaction itself: all writers get this error
		}
	}
	return statement(txApp, "RELEASE writer")
}

func (g *Group) handOn() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.queue) == 0 {
		g.leading = false
		return
	}
	close(g.queue[0].lead)
}

// attempt runs a writer, and converts a panic to its error, so that it does not affect the others.
func attempt(txApp core.App, write func(core.App) error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = broken(r)
		}
	}()
	return write(txApp)
}

func broken(by any) error { return fmt.Errorf("panic while writing: %v\n%s", by, debug.Stack()) }

func statement(app core.App, sql string) error {
	if _, err := app.DB().NewQuery(sql).Execute(); err != nil {
		return fmt.Errorf("%s: %w", sql, err)
	}
	return nil
}

// Grouped returns app with every Save done by the group.
func (g *Group) Grouped(app core.App) core.App { return grouped{app, g} }

type grouped struct {
	core.App
	group *Group
}

// Save saves a model together with the other writers.
func (a grouped) Save(model core.Model) error { return a.SaveWithContext(context.Background(), model) }

// SaveWithContext saves a model together with the other writers. The model alone is validated before, while
// others write.
func (a grouped) SaveWithContext(ctx context.Context, model core.Model) error {
	if a.TxInfo() != nil {
		return a.App.SaveWithContext(ctx, model)
	}
	if err := a.ValidateWithContext(ctx, model); err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx) // a client that disconnects must not cancel the others' transaction
	return a.group.Do(a.App, func(txApp core.App) error { return txApp.SaveNoValidateWithContext(ctx, model) })
}
