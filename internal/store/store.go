package store

import (
	"database/sql"
	"errors"
	"fmt"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/internal/stmtcache"
)

var logEmptier = NewService[func() error]("log emptier", nil) // while a replica reads the log

// FindOne returns the single record of query in collection, or nil if there is none.
func FindOne(app core.App, collection string, where dbx.Expression, order ...string) (*core.Record, error) {
	record := &core.Record{}
	err := Untimed(app.RecordQuery(collection).AndWhere(where).OrderBy(order...).Limit(1)).One(record)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("find in %s: %w", collection, err)
	}
	return record, nil
}

// Untimed is a query of records without PocketBase's time limit, which costs two goroutines for each query. It is for
// queries that an index answers.
func Untimed(query *dbx.SelectQuery) *dbx.Query { return query.Build().WithExecHook(nil) }

// Query is a query with a text that is used repeatedly; see [stmtcache.Short].
func Query(app core.App, text string, params dbx.Params) *dbx.Query {
	return app.DB().NewQuery(stmtcache.Short(text)).Bind(params)
}

// Count runs a query that returns one number.
func Count(app core.App, text string, params dbx.Params) (int, error) {
	var n int
	if err := Query(app, text, params).Row(&n); err != nil {
		return 0, fmt.Errorf("count: %w", err)
	}
	return n, nil
}

// Exec runs one statement that changes rows in bulk.
func Exec(app core.App, statement string, params dbx.Params) error {
	if _, err := Query(app, statement, params).Execute(); err != nil {
		return fmt.Errorf("execute %.40q: %w", statement, err)
	}
	return nil
}

// SetWALTruncator replaces the way in which [ForgetDeleted] truncates the log: while a replica reads it, only the replica can.
func SetWALTruncator(app core.App, empty func() error) { logEmptier.Set(app, empty) }

// TruncateWAL truncates the database's write-ahead log, in which deleted data can still be read. Within a
// transaction it does nothing: it also runs every hour.
func TruncateWAL(app core.App) error {
	if app.TxInfo() != nil {
		return nil
	}
	if empty, ok := logEmptier.Find(app); ok {
		return empty()
	}
	var busy, frames, done int
	if err := app.NonconcurrentDB().NewQuery("PRAGMA wal_checkpoint(TRUNCATE)").Row(&busy, &frames, &done); err != nil {
		return fmt.Errorf("truncate the log: %w", err)
	}
	if busy != 0 {
		return errors.New("truncate the log: it is being read")
	}
	return nil
}

// Typed converts the result of a finder to its type, and nil to nil.
func Typed[T any](as func(*core.Record) *T) func(*core.Record, error) (*T, error) {
	return func(record *core.Record, err error) (*T, error) {
		if err != nil || record == nil {
			return nil, err
		}
		return as(record), nil
	}
}

// ByID is the condition that finds a record by its id.
func ByID(id string) dbx.Expression { return dbx.HashExp{"id": id} }

// NewID makes an id for a row that SQL inserts, of the form that PocketBase's have.
const NewID = `lower(hex(randomblob(7))) || '0'`
