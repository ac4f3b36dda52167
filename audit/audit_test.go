package audit_test

import (
	"errors"
	"testing"
	"time"

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
