package replication

import (
	"context"
	"database/sql"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite"
)

var silent = slog.New(slog.DiscardHandler)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// database is a data directory with a database as the server opens it.
func database(t *testing.T) (dir string, db *sql.DB) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "pb_data")
	must(t, os.Mkdir(dir, 0o700))
	must(t, os.WriteFile(filepath.Join(dir, "keystore.id"), []byte("id\n"), 0o600))
	db, err := sql.Open("sqlite", filepath.Join(dir, databaseName)+"?_txlock=immediate&_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=wal_autocheckpoint(0)")
	must(t, err)
	t.Cleanup(func() { _ = db.Close() })
	_, err = db.Exec("CREATE TABLE t (n INTEGER PRIMARY KEY)")
	must(t, err)
	return dir, db
}

func insert(t *testing.T, db *sql.DB, from, to int) {
	t.Helper()
	for n := from; n <= to; n++ {
		_, err := db.Exec("INSERT INTO t (n) VALUES (?)", n)
		must(t, err)
	}
}

func restored(t *testing.T, replica string) int {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "restored")
	must(t, Restore(context.Background(), replica, dir))
	if id, err := os.ReadFile(filepath.Join(dir, "keystore.id")); err != nil || string(id) != "id\n" {
		t.Errorf("keystore.id is %q, %v", id, err)
	}
	db, err := sql.Open("sqlite", filepath.Join(dir, databaseName))
	must(t, err)
	defer db.Close()
	var last, count int
	must(t, db.QueryRow("SELECT COALESCE(max(n), 0), count(*) FROM t").Scan(&last, &count))
	if last != count {
		t.Errorf("restored up to %d, but only %d", last, count)
	}
	return count
}

func TestWhatWasCopiedIsRestored(t *testing.T) {
	dir, db := database(t)
	replica := filepath.Join(t.TempDir(), "replica")
	ctx := context.Background()
	r, err := Start(ctx, dir, replica, silent)
	must(t, err)
	insert(t, db, 1, 50)
	must(t, r.Flush(ctx))
	if n := restored(t, replica); n != 50 {
		t.Errorf("restored %d rows of 50", n)
	}
	insert(t, db, 51, 60)
	must(t, r.EmptyLog(ctx))
	if info, err := os.Stat(filepath.Join(dir, databaseName+"-wal")); err != nil || info.Size() > 100_000 {
		t.Errorf("the log is not empty: %v, %v", info.Size(), err)
	}
	insert(t, db, 61, 70)
	must(t, r.Stop(ctx)) // which copies the rest
	if n := restored(t, replica); n != 70 {
		t.Errorf("restored %d rows of 70", n)
	}
	again, err := Start(ctx, dir, replica, silent)
	must(t, err)
	insert(t, db, 71, 80)
	must(t, again.Stop(ctx))
	if n := restored(t, replica); n != 80 {
		t.Errorf("after a second start, restored %d rows of 80", n)
	}
}

func TestWhatIsCommittedIsCopiedWithinASecondByItself(t *testing.T) {
	dir, db := database(t)
	replica := filepath.Join(t.TempDir(), "replica")
	ctx := context.Background()
	r, err := Start(ctx, dir, replica, silent)
	must(t, err)
	must(t, r.Flush(ctx))
	insert(t, db, 1, 1)
	for deadline := time.Now().Add(30 * time.Second); restored(t, replica) != 1; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it is not copied")
		}
	}
	must(t, r.Stop(ctx))
}

func TestARestoreReplacesNothing(t *testing.T) {
	dir, _ := database(t)
	if err := Restore(context.Background(), t.TempDir(), dir); err == nil || !strings.Contains(err.Error(), "already exists") {
		t.Errorf("restored: %v", err)
	}
	empty := filepath.Join(t.TempDir(), "empty")
	if err := Restore(context.Background(), t.TempDir(), empty); err == nil {
		t.Error("restored from nothing")
	}
	if left, _ := os.ReadDir(empty); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
