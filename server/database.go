package server

import (
	"path/filepath"

	"github.com/pocketbase/dbx"

	"carecollective/internal/stmtcache"
)

// ConnectDB opens one of PocketBase's two databases. It differs from core.DefaultDBConnect where members' data requires it:
// a transaction takes its lock when it begins, so that a second process waits for it instead of failing in the
// middle; deleted text is overwritten in the file; a commit of the data is on the disk before it is answered; and a
// repeated query is planned once.
func ConnectDB(path string) (*dbx.DB, error) { return connect(path, "") }

// connecting returns how the databases are opened. Only the replica checkpoints the log of a replicated database.
func connecting(replicated bool) func(path string) (*dbx.DB, error) {
	return func(path string) (*dbx.DB, error) {
		if replicated && filepath.Base(path) == "data.db" {
			return connect(path, "&_pragma=wal_autocheckpoint(0)")
		}
		return connect(path, "")
	}
}

func connect(path, more string) (*dbx.DB, error) {
	synchronous := "FULL"
	if filepath.Base(path) == "auxiliary.db" { // the request log: not worth an fsync for each line
		synchronous = "NORMAL"
	}
	// busy_timeout comes first: switching to WAL waits for other connections only once it is set.
	db, err := stmtcache.Open(path + "?_txlock=immediate" +
		"&_pragma=busy_timeout(10000)" +
		"&_pragma=journal_mode(WAL)" +
		"&_pragma=journal_size_limit(200000000)" +
		"&_pragma=synchronous(" + synchronous + ")" +
		"&_pragma=foreign_keys(ON)" +
		"&_pragma=secure_delete(ON)" +
		"&_pragma=temp_store(MEMORY)" +
		"&_pragma=cache_size(-32000)" + more)
	if err != nil {
		return nil, err
	}
	return dbx.NewFromDB(db, "sqlite"), nil
}
