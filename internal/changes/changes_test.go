package changes_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tests"

	"carecollective/collections"
	"carecollective/internal/apptest"
	"carecollective/internal/changes"
	"carecollective/server"
)

// watched is an app whose announcements are noted in the order in which they are told.
type watched struct {
	*tests.TestApp
	mu   sync.Mutex
	told []string
	more chan struct{}
}

func watch(t *testing.T) *watched {
	t.Helper()
	app := apptest.New(t, server.Config{}).App
	w := &watched{TestApp: app, more: make(chan struct{}, 1000)}
	changes.WatchChanges(app, func(changes []changes.Change) {
		w.mu.Lock()
		defer w.mu.Unlock()
		for _, c := range changes {
			w.told = append(w.told, c.ID)
			w.more <- struct{}{}
		}
	})
	return w
}

func (w *watched) all() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return strings.Join(w.told, " ")
}

func announce(app core.App, id string) {
	changes.Announce(app, changes.Change{Collection: collections.Messages, Action: changes.ActionCreate, ID: id})
}

func (w *watched) wants(t *testing.T, told string) {
	t.Helper()
	if got := w.all(); got != told {
		t.Errorf("told %q, want %q", got, told)
	}
}

func TestWhatATransactionAnnouncesIsToldOnceItHasCommitted(t *testing.T) {
	t.Parallel()
	w := watch(t)
	err := w.RunInTransaction(func(txApp core.App) error {
		announce(txApp, "one")
		w.wants(t, "")
		return txApp.RunInTransaction(func(nested core.App) error {
			announce(nested, "two")
			w.wants(t, "")
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	w.wants(t, "one two")
}

func TestWhatWasRolledBackIsNotTold(t *testing.T) {
	t.Parallel()
	w := watch(t)
	broken := errors.New("broken")
	err := w.RunInTransaction(func(txApp core.App) error {
		announce(txApp, "one")
		return broken
	})
	if !errors.Is(err, broken) {
		t.Fatal(err)
	}
	announce(w, "two")
	w.wants(t, "two")
}

func TestAPartThatWasUndoneIsWithdrawn(t *testing.T) {
	t.Parallel()
	w := watch(t)
	err := w.RunInTransaction(func(txApp core.App) error {
		announce(txApp, "one")
		before := changes.Announced(txApp)
		announce(txApp, "two")
		changes.Withdraw(txApp, before)
		announce(txApp, "three")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	w.wants(t, "one three")
}

func TestAWriteOutsideOfATransactionDoesNotWaitForOne(t *testing.T) {
	t.Parallel()
	w := watch(t)
	err := w.RunInTransaction(func(txApp core.App) error {
		announce(txApp, "inside")
		announce(w, "outside")
		w.wants(t, "outside")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	w.wants(t, "outside inside")
}

func TestChangesAreToldInTheOrderOfTheCommits(t *testing.T) {
	t.Parallel()
	w := watch(t)
	var order []string // written inside the transactions, one at a time
	var all sync.WaitGroup
	for i := range 100 {
		all.Go(func() {
			err := w.RunInTransaction(func(txApp core.App) error {
				id := fmt.Sprint(i)
				order = append(order, id)
				announce(txApp, id)
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	w.wants(t, strings.Join(order, " "))
}

func TestATransactionThatPanickedDoesNotHoldUpTheOthersForEver(t *testing.T) {
	t.Parallel()
	w := watch(t)
	func() {
		defer func() { _ = recover() }() // as PocketBase's router does
		_ = w.RunInTransaction(func(txApp core.App) error {
			announce(txApp, "never")
			panic("broken")
		})
	}()
	err := w.RunInTransaction(func(txApp core.App) error {
		announce(txApp, "later")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	select {
	case <-w.more:
	case <-time.After(30 * time.Second):
		t.Fatal("nothing is told any more")
	}
	w.wants(t, "later")
}
