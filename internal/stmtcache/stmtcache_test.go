package stmtcache

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"
)

// open opens a database with a table of three rows, and one connection to it.
func open(t *testing.T) *sql.DB {
	t.Helper()
	db, err := Open(filepath.Join(t.TempDir(), "test.db"))
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	for _, statement := range []string{"CREATE TABLE words (word TEXT)", "INSERT INTO words VALUES ('a'), ('b'), ('c')"} {
		if _, err := db.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	return db
}

// idle is how many statements the one connection keeps.
func idle(t *testing.T, db *sql.DB) int {
	t.Helper()
	held, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	var n int
	err = held.Raw(func(c any) error {
		n = c.(*conn).idle.Len()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func one(t *testing.T, db *sql.DB, query string, args ...any) string {
	t.Helper()
	var value string
	if err := db.QueryRow(query, args...).Scan(&value); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return value
}

func TestAStatementThatComesAgainIsKept(t *testing.T) {
	t.Parallel()
	db := open(t)
	before := idle(t, db)
	for _, word := range []string{"a", "b", "a"} {
		if got := one(t, db, "SELECT word FROM words WHERE word = ?", word); got != word {
			t.Fatalf("found %q instead of %q", got, word)
		}
	}
	if got := idle(t, db); got != before+1 {
		t.Fatalf("%d statements are kept after three times the same, not one more than %d", got, before)
	}
}

func TestAnswersFollowTheSchema(t *testing.T) {
	t.Parallel()
	db := open(t)
	const query = "SELECT * FROM words LIMIT 1"
	one(t, db, query)
	if _, err := db.Exec("ALTER TABLE words ADD COLUMN length INTEGER DEFAULT 1"); err != nil {
		t.Fatal(err)
	}
	rows, err := db.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	if columns, err := rows.Columns(); err != nil || len(columns) != 2 {
		t.Fatalf("the columns are %v, %v", columns, err)
	}
}

func TestTheSameQueryCanRunWhileItsRowsAreRead(t *testing.T) {
	t.Parallel()
	db := open(t)
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	const query = "SELECT word FROM words ORDER BY word"
	outer, err := tx.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer outer.Close()
	pairs := ""
	for outer.Next() {
		var a, b string
		if err := outer.Scan(&a); err != nil {
			t.Fatal(err)
		}
		if err := tx.QueryRow(query).Scan(&b); err != nil {
			t.Fatal(err)
		}
		pairs += a + b
	}
	if err := outer.Err(); err != nil || pairs != "aabaca" {
		t.Fatalf("read %q, %v", pairs, err)
	}
}

func TestAStatementThatFailedIsNotKept(t *testing.T) {
	t.Parallel()
	db := open(t)
	if _, err := db.Exec("CREATE UNIQUE INDEX once ON words (word)"); err != nil {
		t.Fatal(err)
	}
	const insert = "INSERT INTO words VALUES (?)"
	for range 2 {
		if _, err := db.Exec(insert, "a"); err == nil {
			t.Fatal("the same word twice is no error")
		}
	}
	if _, err := db.Exec(insert, "d"); err != nil {
		t.Fatalf("after an error: %v", err)
	}
	if _, err := db.Query("SELECT nothing FROM words"); err == nil {
		t.Fatal("a column that is not there is no error")
	}
}

func TestNoMoreAreKeptThanAllowed(t *testing.T) {
	t.Parallel()
	db := open(t)
	for i := range kept + 10 {
		one(t, db, fmt.Sprint("SELECT ", i))
	}
	if got := idle(t, db); got != kept {
		t.Fatalf("%d statements are kept", got)
	}
}

func TestAReaderWhoStopsHalfwayBlocksNobody(t *testing.T) {
	t.Parallel()
	db := open(t)
	rows, err := db.Query("SELECT word FROM words")
	if err != nil {
		t.Fatal(err)
	}
	rows.Next()
	if err := rows.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("DROP TABLE words"); err != nil {
		t.Fatalf("drop the table that was read: %v", err)
	}
}

func TestACancelledQueryLeavesTheConnectionUsable(t *testing.T) {
	t.Parallel()
	db := open(t)
	const endless = "SELECT COUNT(*) FROM (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n)"
	ctx, cancel := context.WithCancel(t.Context())
	go cancel()
	var n int
	if err := db.QueryRowContext(ctx, endless).Scan(&n); err == nil {
		t.Fatal("it ended")
	}
	if got := one(t, db, "SELECT word FROM words LIMIT 1"); got != "a" {
		t.Fatalf("found %q", got)
	}
}
