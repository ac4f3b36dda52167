package vault

import (
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	_ "modernc.org/sqlite" // the driver of keys.db
)

const (
	storeName   = "keys.db"
	storeFormat = 2 // of the tables, in user_version; format 1 had neither what was erased nor signatures
)

// errNoKey is returned if the store has no such data key: it was shredded or never created.
var errNoKey = errors.New("there is no such data key")

const storeSchema = `
	CREATE TABLE store (id TEXT NOT NULL) STRICT;
	CREATE TABLE masters (version INTEGER PRIMARY KEY, proof BLOB NOT NULL) STRICT;
	CREATE TABLE data_keys (
		id TEXT PRIMARY KEY,
		scope TEXT NOT NULL,
		month TEXT NOT NULL,
		master INTEGER NOT NULL REFERENCES masters,
		box BLOB NOT NULL,
		UNIQUE (scope, month)
	) STRICT, WITHOUT ROWID;` + erasedSchema

// erasedSchema is what format 2 has added.
const erasedSchema = `
	CREATE TABLE erased (
		kind TEXT NOT NULL,
		id TEXT NOT NULL,
		at INTEGER NOT NULL,
		PRIMARY KEY (kind, id)
	) STRICT, WITHOUT ROWID;
	CREATE TABLE shredded_keys (
		id TEXT PRIMARY KEY,
		scope TEXT NOT NULL,
		month TEXT NOT NULL,
		at INTEGER NOT NULL
	) STRICT, WITHOUT ROWID;
	CREATE TABLE signers (
		version INTEGER PRIMARY KEY,
		public BLOB NOT NULL,
		master INTEGER NOT NULL REFERENCES masters,
		box BLOB NOT NULL
	) STRICT;
	CREATE TABLE signatures (
		id INTEGER PRIMARY KEY,
		subject TEXT NOT NULL,
		position INTEGER NOT NULL,
		hash TEXT NOT NULL,
		at INTEGER NOT NULL,
		signer INTEGER NOT NULL REFERENCES signers,
		signature BLOB NOT NULL
	) STRICT;
	CREATE INDEX signatures_of_subject ON signatures (subject, id);`

// store keeps the wrapped data keys in an SQLite file that several processes may use at once. It has one connection, so that version
// tells of the commits of others alone.
type store struct {
	db          *sql.DB
	dataVersion *sql.Stmt // kept prepared, because version runs with every use of a key
}

// createStore makes a whole key store, for m, at path.
func createStore(path string, m master) error {
	if err := writeFile(path, 0o600, ""); err != nil {
		return err
	}
	s, err := connect(path)
	if err != nil {
		return err
	}
	if err := errors.Join(s.fill(m), s.close()); err != nil {
		return fmt.Errorf("make %s: %w", storeName, err)
	}
	return syncPath(path)
}

func (s *store) fill(m master) error {
	if _, err := s.db.Exec("PRAGMA journal_mode = WAL"); err != nil { // which the file remembers
		return err
	}
	tx, err := s.db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after a commit it has nothing to do
	if _, err := tx.Exec(storeSchema + fmt.Sprintf("PRAGMA user_version = %d", storeFormat)); err != nil {
		return err
	}
	if _, err := tx.Exec("INSERT INTO store (id) VALUES (?)", m.store); err != nil {
		return err
	}
	if _, err := tx.Exec("INSERT INTO masters (version, proof) VALUES (?, ?)", m.version, m.proof()); err != nil {
		return err
	}
	return tx.Commit()
}

// openStore opens the key store at path and answers its id.
func openStore(path string) (s *store, id string, err error) {
	if s, err = connect(path); err != nil {
		return nil, "", err
	}
	var found int
	err = s.db.QueryRow("SELECT id, (SELECT user_version FROM pragma_user_version) FROM store").Scan(&id, &found)
	if err == nil && (found < 1 || found > storeFormat) {
		err = fmt.Errorf("it has format %d, but this version supports up to %d", found, storeFormat)
	}
	if err != nil {
		return nil, "", errors.Join(err, s.close())
	}
	return s, id, nil
}

// upgrade brings the tables of an older version up to date. Of several processes that try at once, one does it.
func (s *store) upgrade() error {
	var found int
	if err := s.db.QueryRow("PRAGMA user_version").Scan(&found); err != nil || found == storeFormat {
		return err
	}
	tx, err := s.db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after a commit it has nothing to do
	if err := tx.QueryRow("PRAGMA user_version").Scan(&found); err != nil || found == storeFormat {
		return err
	}
	if _, err := tx.Exec(erasedSchema + fmt.Sprintf("PRAGMA user_version = %d", storeFormat)); err != nil {
		return err
	}
	return tx.Commit()
}

// connect opens an existing file: a key store is never made in passing.
func connect(path string) (*store, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, err
	}
	rooted := "/" + strings.TrimPrefix(filepath.ToSlash(path), "/")
	dsn := url.URL{Scheme: "file", Path: rooted, RawQuery: "mode=rw&_txlock=immediate&_pragma=busy_timeout(10000)" +
		"&_pragma=synchronous(FULL)&_pragma=secure_delete(ON)"}
	db, err := sql.Open("sqlite", dsn.String())
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", storeName, err)
	}
	db.SetMaxOpenConns(1)
	dataVersion, err := db.Prepare("PRAGMA data_version")
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", storeName, err), db.Close())
	}
	return &store{db, dataVersion}, nil
}

func (s *store) close() error { return errors.Join(s.dataVersion.Close(), s.db.Close()) }

// version changes whenever another process has committed something.
func (s *store) version() (version int64, err error) {
	err = s.dataVersion.QueryRow().Scan(&version)
	return version, err
}

// newestMaster answers the version of the master key that wraps new data keys, and its proof.
func (s *store) newestMaster() (version int, proof []byte, err error) {
	err = s.db.QueryRow("SELECT version, proof FROM masters ORDER BY version DESC LIMIT 1").Scan(&version, &proof)
	return version, proof, err
}

func (s *store) get(id string) (wrappedKey, error) {
	return scanKey(s.db.QueryRow("SELECT id, scope, month, master, box FROM data_keys WHERE id = ?", id))
}

func (s *store) find(scope, month string) (wrappedKey, error) {
	return scanKey(s.db.QueryRow("SELECT id, scope, month, master, box FROM data_keys WHERE scope = ? AND month = ?", scope, month))
}

func scanKey(row *sql.Row) (w wrappedKey, err error) {
	err = row.Scan(&w.id, &w.scope, &w.month, &w.master, &w.box)
	if errors.Is(err, sql.ErrNoRows) {
		err = errNoKey
	}
	return w, err
}

// add stores a key, unless there is one for its scope and month, or a rotation has announced a newer master key than the one that wraps it.
func (s *store) add(w wrappedKey) error {
	_, err := s.db.Exec(`INSERT INTO data_keys (id, scope, month, master, box)
		SELECT ?1, ?2, ?3, ?4, ?5 WHERE ?4 = (SELECT max(version) FROM masters) ON CONFLICT (scope, month) DO NOTHING`,
		w.id, w.scope, w.month, w.master, w.box)
	return err
}

// masterVersions lists the versions of the master keys that may wrap something.
func (s *store) masterVersions() (map[int]bool, error) {
	rows, err := s.db.Query("SELECT version FROM masters")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	versions := map[int]bool{}
	for rows.Next() {
		var version int
		if err := rows.Scan(&version); err != nil {
			return nil, err
		}
		versions[version] = true
	}
	return versions, rows.Err()
}

// remove deletes keys and notes which, and empties the log, where they would else still be found.
func (s *store) remove(scope, month string, now time.Time) error {
	tx, err := s.db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after a commit it has nothing to do

	// of the scope itself and of those below it: '0' follows '/'
	const chosen = " FROM data_keys WHERE (scope = ?1 OR scope > ?1 || '/' AND scope < ?1 || '0') AND (month = ?2 OR ?2 = '')"
	if _, err := tx.Exec("INSERT OR IGNORE INTO shredded_keys (id, scope, month, at) SELECT id, scope, month, ?3"+chosen, scope, month, now.Unix()); err != nil {
		return err
	}
	if _, err := tx.Exec("DELETE"+chosen, scope, month); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	return s.emptyLog()
}

// emptyLog writes the log into the file, so that nothing deleted can be found in it.
func (s *store) emptyLog() error {
	var busy, pages, moved int
	if err := s.db.QueryRow("PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &pages, &moved); err != nil {
		return err
	}
	if busy != 0 {
		return fmt.Errorf("the keys are deleted, but another process keeps the log of %s from being truncated; run it again", storeName)
	}
	return nil
}
