package groupcommit_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tests"
	"github.com/pocketbase/pocketbase/tools/hook"

	"carecollective/internal/groupcommit"
)

// world is an app with one table of notes, and a group that notes what stays announced.
type world struct {
	*tests.TestApp
	t     *testing.T
	group *groupcommit.Group

	mu        sync.Mutex
	announced []string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	app, err := tests.NewTestApp()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(app.Cleanup)
	notes := core.NewBaseCollection("notes")
	notes.Fields.Add(&core.TextField{Name: "text"})
	if err := app.Save(notes); err != nil {
		t.Fatal(err)
	}
	w := &world{TestApp: app, t: t}
	w.group = groupcommit.NewGroup(
		func(core.App) int { w.mu.Lock(); defer w.mu.Unlock(); return len(w.announced) },
		func(_ core.App, n int) { w.mu.Lock(); defer w.mu.Unlock(); w.announced = w.announced[:n] },
	)
	return w
}

func (w *world) announce(text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.announced = append(w.announced, text)
}

func (w *world) note(text string) *core.Record {
	w.t.Helper()
	notes, err := w.FindCollectionByNameOrId("notes")
	if err != nil {
		w.t.Fatal(err)
	}
	record := core.NewRecord(notes)
	record.Set("text", text)
	return record
}

// stored lists the texts of the notes in the order of writing.
func (w *world) stored() string {
	w.t.Helper()
	var texts []string
	if err := w.DB().Select("text").From("notes").OrderBy("rowid").Column(&texts); err != nil {
		w.t.Fatal(err)
	}
	return strings.Join(texts, " ")
}

// together has writers share one transaction: the first holds the lead until all others stand in the queue.
func (w *world) together(writers ...func(core.App) error) []error {
	w.t.Helper()
	errs := make([]error, len(writers))
	var all sync.WaitGroup
	leads, queued := make(chan struct{}), make(chan struct{})
	all.Go(func() {
		err := w.group.Do(w.TestApp, func(core.App) error {
			close(leads)
			<-queued
			return nil
		})
		if err != nil {
			w.t.Errorf("the first writer: %v", err)
		}
	})
	<-leads
	for i, write := range writers {
		all.Go(func() { errs[i] = w.group.Do(w.TestApp, write) })
		groupcommit.AwaitQueue(w.group, i+1)
	}
	close(queued)
	all.Wait()
	return errs
}

func (w *world) writes(text string) func(core.App) error {
	return func(app core.App) error {
		w.announce(text)
		return app.Save(w.note(text))
	}
}

func TestEachWriterIsJudgedAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	refusal := errors.New("refused")
	errs := w.together(
		w.writes("one"),
		func(app core.App) error { return errors.Join(w.writes("two")(app), refusal) },
		w.writes("three"),
	)
	if errs[0] != nil || !errors.Is(errs[1], refusal) || errs[2] != nil {
		t.Fatalf("the writers are told %v", errs)
	}
	if got := w.stored(); got != "one three" {
		t.Errorf("stored: %s", got)
	}
	if got := strings.Join(w.announced, " "); got != "one three" {
		t.Errorf("announced: %s", got)
	}
}

func TestNoHookHearsOfAWriterWhoWasRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	refusal := errors.New("refused after the row was written")
	w.OnRecordCreateExecute("notes").Bind(&hook.Handler[*core.RecordEvent]{Func: func(e *core.RecordEvent) error {
		if err := e.Next(); err != nil || e.Record.GetString("text") != "two" {
			return err
		}
		return refusal
	}})
	var succeeded, failed []string // hooks run one after the other, by whoever has committed
	w.OnRecordAfterCreateSuccess("notes").BindFunc(func(e *core.RecordEvent) error {
		succeeded = append(succeeded, e.Record.GetString("text"))
		return e.Next()
	})
	w.OnRecordAfterCreateError("notes").BindFunc(func(e *core.RecordErrorEvent) error {
		failed = append(failed, e.Record.GetString("text"))
		return e.Next()
	})
	save := func(text string) func(core.App) error {
		return func(app core.App) error { return app.Save(w.note(text)) }
	}
	errs := w.together(save("one"), save("two"), save("three"))
	if !errors.Is(errs[1], refusal) {
		t.Errorf("the refused one is told %v", errs[1])
	}
	if fmt.Sprint(succeeded) != "[one three]" || !slices.Contains(failed, "two") {
		t.Errorf("hooks hear of the success of %v and the failure of %v", succeeded, failed)
	}
}

func TestAPanicOfOneWriterIsItsOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	errs := w.together(w.writes("one"), func(app core.App) error {
		if err := w.writes("two")(app); err != nil {
			return err
		}
		panic("broken")
	}, w.writes("three"))
	if errs[0] != nil || errs[1] == nil || !strings.Contains(errs[1].Error(), "panic while writing: broken") || errs[2] != nil {
		t.Fatalf("the writers are told %v", errs)
	}
	if got := w.stored(); got != "one three" {
		t.Errorf("stored: %s", got)
	}
	if err := w.group.Do(w.TestApp, func(core.App) error { panic("alone") }); err == nil {
		t.Error("a panic of a writer who is alone is lost")
	}
	if err := w.group.Do(w.TestApp, w.writes("four")); err != nil {
		t.Errorf("nobody can write after a panic: %v", err)
	}
}

func TestAFailedCommitReachesAll(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	refusal := errors.New("refused")
	errs := w.together(
		w.writes("one"),
		func(core.App) error { return refusal },
		func(app core.App) error { // as a full disk does
			_, err := app.DB().NewQuery("ROLLBACK").Execute()
			return errors.Join(err, errors.New("database or disk is full"))
		},
		w.writes("four"),
	)
	if !errors.Is(errs[1], refusal) {
		t.Errorf("who was refused before is told %v", errs[1])
	}
	for _, i := range []int{0, 2, 3} {
		if errs[i] == nil || !strings.Contains(errs[i].Error(), "disk is full") {
			t.Errorf("writer %d is told %v", i, errs[i])
		}
	}
	if got := w.stored(); got != "" {
		t.Errorf("stored: %s", got)
	}
	if err := w.group.Do(w.TestApp, w.writes("five")); err != nil || w.stored() != "five" {
		t.Errorf("afterwards: %v, stored %q", err, w.stored())
	}
}

func TestAHookThatFailsAfterTheCommitIsNoWritersFault(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]func() error{
		"with an error": func() error { return errors.New("broken") },
		"with a panic":  func() error { panic("broken") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.OnRecordAfterCreateSuccess("notes").BindFunc(func(e *core.RecordEvent) error {
				if e.Record.GetString("text") == "one" {
					return fail()
				}
				return e.Next()
			})
			errs := w.together(w.writes("one"), w.writes("two"))
			if errs[0] != nil || errs[1] != nil || w.stored() != "one two" {
				t.Errorf("the writers are told %v, stored %q", errs, w.stored())
			}
			if err := w.group.Do(w.TestApp, w.writes("three")); err != nil {
				t.Errorf("nobody can write afterwards: %v", err)
			}
		})
	}
}

func TestTheLeadIsHandedOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var writers []func(core.App) error
	for i := range 3 * groupcommit.Most {
		writers = append(writers, w.writes(fmt.Sprint(i)))
	}
	for i, err := range w.together(writers...) {
		if err != nil {
			t.Errorf("writer %d: %v", i, err)
		}
	}
	if got := strings.Fields(w.stored()); len(got) != len(writers) || got[0] != "0" || got[len(got)-1] != fmt.Sprint(len(writers)-1) {
		t.Errorf("stored: %v", got)
	}
}

func TestInsideATransactionAWriterIsAPartOfIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	broken := errors.New("broken")
	err := w.RunInTransaction(func(txApp core.App) error {
		if err := w.group.Grouped(txApp).Save(w.note("one")); err != nil {
			return err
		}
		return broken
	})
	if !errors.Is(err, broken) || w.stored() != "" {
		t.Errorf("told %v, stored %q", err, w.stored())
	}
}

func TestAClientWhoGoesAwayTakesNothingAlong(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, leave := context.WithCancel(t.Context())
	leave()
	if err := w.group.Grouped(w.TestApp).SaveWithContext(ctx, w.note("one")); err != nil || w.stored() != "one" {
		t.Errorf("told %v, stored %q", err, w.stored())
	}
}

func TestManyWritersAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	refusal := errors.New("refused")
	var told atomic.Int32
	var all sync.WaitGroup
	for i := range 200 {
		all.Go(func() {
			err := w.group.Do(w.TestApp, func(app core.App) error {
				if err := app.Save(w.note(fmt.Sprint(i))); err != nil {
					return err
				}
				if i%5 == 0 {
					return refusal
				}
				return nil
			})
			switch {
			case i%5 == 0 && errors.Is(err, refusal):
				told.Add(1)
			case i%5 == 0 || err != nil:
				t.Errorf("writer %d is told %v", i, err)
			}
		})
	}
	all.Wait()
	var n int
	if err := w.DB().Select("count(*)").From("notes").Where(dbx.NewExp("TRUE")).Row(&n); err != nil {
		t.Fatal(err)
	}
	if n != 160 || told.Load() != 40 {
		t.Errorf("%d are stored and %d refused, want 160 and 40", n, told.Load())
	}
}
