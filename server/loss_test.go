package server

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
)

// killed is a copy of a database in the state in which a kill leaves it: with 20 commits in its log.
func killed(t *testing.T) (dir string) {
	t.Helper()
	living := filepath.Join(t.TempDir(), "data.db")
	db, err := ConnectDB(living)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	execute(t, db, "CREATE TABLE t (x)")
	for range 19 {
		execute(t, db, "INSERT INTO t VALUES (zeroblob(3000))")
	}
	dir = t.TempDir()
	for _, end := range []string{"", "-wal", "-shm"} {
		content, err := os.ReadFile(living + end)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "data.db"+end), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func execute(t *testing.T, db *dbx.DB, statement string) {
	t.Helper()
	if _, err := db.NewQuery(statement).Execute(); err != nil {
		t.Fatal(err)
	}
}

func TestATornEndOfTheLogIsToldOnceAndKept(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(log []byte, dir string) []byte
		lost  bool
	}{
		"whole":                      {func(log []byte, _ string) []byte { return log }, false},
		"cut within the last commit": {func(log []byte, _ string) []byte { return log[:len(log)-100] }, true},
		"cut to nothing":             {func([]byte, string) []byte { return nil }, true},
		"damaged in the middle":      {func(log []byte, _ string) []byte { log[len(log)/2] ^= 1; return log }, true},
		"with half a frame after it": {func(log []byte, _ string) []byte { return append(log, log[32:1000]...) }, false},
		"cut, and nobody saw it whole": {func(log []byte, dir string) []byte {
			_ = os.Remove(filepath.Join(dir, "data.db-shm"))
			return log[:len(log)-100]
		}, false},
		"damaged, and nobody saw it whole": {func(log []byte, dir string) []byte {
			_ = os.Remove(filepath.Join(dir, "data.db-shm"))
			log[len(log)/2] ^= 1
			return log
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			dir := killed(t)
			path := filepath.Join(dir, "data.db-wal")
			log, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, c.spoil(log, dir), 0o600); err != nil {
				t.Fatal(err)
			}
			said, err := noteLoss(dir, time.Now())
			if err != nil || (said != "") != c.lost {
				t.Errorf("said %q, %v", said, err)
			}
			if kept, err := Losses(dir); err != nil || (len(kept) == 1) != c.lost {
				t.Errorf("kept %q, %v", kept, err)
			}
		})
	}
}

func TestADatabaseThatWasClosedHasLostNothing(t *testing.T) {
	dir := killed(t)
	db, err := ConnectDB(filepath.Join(dir, "data.db"))
	if err != nil {
		t.Fatal(err)
	}
	execute(t, db, "INSERT INTO t VALUES (1)")
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for _, at := range []string{dir, t.TempDir()} {
		if said, err := noteLoss(at, time.Now()); err != nil || said != "" {
			t.Errorf("said %q, %v", said, err)
		}
	}
}
