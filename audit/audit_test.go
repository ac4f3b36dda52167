package audit_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/audit"
	"carecollective/internal/apptest"
	"carecollective/internal/changes"
	"carecollective/server"
)

// The chain stays whole when a writer is undone, when a whole transaction is, and when another process has written or removed
// the end of the log: the remembered end is never believed without a look.
func TestTheChainStaysWholeWhateverIsUndone(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	undone := errors.New("undone")
	record := func(app core.App) error {
		return audit.Record(app, audit.AuditRead, "message00000001", "", map[string]any{"seq": 1}, time.Now())
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	entries := func(want int) {
		t.Helper()
		chain, err := audit.Verify(w.App)
		if err != nil || chain.Entries != want {
			t.Fatalf("the chain has %d entries, want %d: %v", chain.Entries, want, err)
		}
	}
	chain, err := audit.Verify(w.App)
	must(err)
	n := chain.Entries
	must(record(w.App))
	must(record(w.App))
	entries(n + 2)

	err = w.App.RunInTransaction(func(tx core.App) error { must(record(tx)); must(record(tx)); return undone })
	if !errors.Is(err, undone) {
		t.Fatal(err)
	}
	must(record(w.App))
	entries(n + 3)

	must(changes.Writers(w.App).Do(w.App, func(tx core.App) error {
		must(record(tx))
		_, err := tx.DB().NewQuery("SAVEPOINT inner_writer").Execute()
		must(err)
		must(record(tx))
		_, err = tx.DB().NewQuery("ROLLBACK TO inner_writer").Execute()
		must(err)
		return record(tx)
	}))
	entries(n + 5)

	_, err = w.App.NonconcurrentDB().NewQuery("DELETE FROM message_audit_log WHERE position = (SELECT MAX(position) FROM message_audit_log)").Execute()
	must(err)
	must(record(w.App))
	entries(n + 5)
}

// What concerns a member is found by indexes, however long the log is: also the entries about sending, which have no index of
// their own.
func TestConcernsAreFoundByIndexes(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	var plan []struct {
		Detail string `db:"detail"`
	}
	err := w.App.DB().NewQuery("EXPLAIN QUERY PLAN " + audit.Concerns).Bind(dbx.Params{"user": "aaaaaaaaaaaaaaa"}).All(&plan)
	if err != nil || len(plan) == 0 {
		t.Fatal(plan, err)
	}
	for _, step := range plan {
		if strings.HasPrefix(step.Detail, "SCAN") && step.Detail != "SCAN l USING INDEX idx_message_audit_log_moderators" {
			t.Errorf("the plan reads a whole table: %s", step.Detail)
		}
	}
}

// A member sees that they sent a message, by the entry that has the message's id.
func TestWhoSentAMessageSeesItInTheLog(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana, ben := w.Member("Ana"), w.Member("Ben")
	message := ana.Says(t, ana.Meets(t, ben), "hello")
	found, total, err := audit.FindConcerns(w.App, ana.ID, 50, 0)
	if err != nil || total == 0 {
		t.Fatal(found, total, err)
	}
	if !slices.ContainsFunc(found, func(c audit.Concern) bool {
		return c.Action == audit.AuditSent && c.Message == message && c.ID == message
	}) {
		t.Errorf("nothing about sending %s in %v", message, found)
	}
}
