// Package stmtcache is the SQLite driver with a statement cache: each connection keeps its prepared statements, so that a
// repeated query is parsed and planned once. Everything else is done by the driver. SQLite itself
// plans a kept statement again when the schema has changed.
package stmtcache

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"strings"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	_ "modernc.org/sqlite"
)

// kept is how many statements a connection keeps, those used last. A busy server needs about half of them.
const kept = 192

// Open opens the database at dsn, which is written as the driver "sqlite" wants it.
func Open(dsn string) (*sql.DB, error) {
	plain, err := sql.Open("sqlite", dsn) // connects to nothing yet
	if err != nil {
		return nil, fmt.Errorf("find the driver: %w", err)
	}
	defer func() { _ = plain.Close() }() // it holds no connection
	opened.Store(true)
	return sql.OpenDB(connector{plain.Driver(), dsn}), nil
}

type connector struct {
	driver driver.Driver
	dsn    string
}

// Driver returns the driver without the cache.
func (c connector) Driver() driver.Driver { return c.driver }

// Connect opens one connection.
func (c connector) Connect(context.Context) (driver.Conn, error) {
	opened, err := c.driver.Open(c.dsn)
	if err != nil {
		return nil, err
	}
	able, ok := opened.(able)
	if !ok {
		return nil, fmt.Errorf("the driver's connection is a %T, which cannot do what is needed", opened)
	}
	idle, err := simplelru.NewLRU[string, *statement](kept, nil)
	if err != nil {
		return nil, err
	}
	return &conn{able: able, idle: idle}, nil
}

// able is the set of driver interfaces of a connection that ours has to forward.
type able interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// conn is a connection with the statements that it keeps. Package sql lets one goroutine at a time use it.
type conn struct {
	able
	idle   *simplelru.LRU[string, *statement] // by query
	closed bool
}

type statement struct {
	query string
	runnable
}

// runnable is the set of driver interfaces of a statement.
type runnable interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// ExecContext runs a statement that answers no rows.
func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if !repeats(query) {
		return c.able.ExecContext(ctx, query, args)
	}
	s, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	result, err := s.ExecContext(ctx, args)
	if err != nil {
		_ = s.Close() // the error that matters is the first
		return nil, err
	}
	return result, c.put(s)
}

// QueryContext runs a statement that answers rows.
func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if !repeats(query) {
		return c.able.QueryContext(ctx, query, args)
	}
	s, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	found, err := s.QueryContext(ctx, args)
	if err != nil {
		_ = s.Close() // the error that matters is the first
		return nil, err
	}
	described, ok := found.(describedRows)
	if !ok {
		return nil, fmt.Errorf("the driver's rows are a %T, which cannot do what is needed", found)
	}
	return &rows{describedRows: described, conn: c, statement: s}, nil
}

// repeats tells of the statements that come again. The others may be complete when they are prepared, as some PRAGMAs
// are, or change the schema.
func repeats(query string) bool {
	verb, _, _ := strings.Cut(strings.TrimLeft(query, " \t\r\n"), " ")
	switch strings.ToUpper(verb) {
	case "SELECT", "INSERT", "UPDATE", "DELETE", "SAVEPOINT", "RELEASE":
		return true
	}
	return false
}

// take removes a statement from the cache, or prepares it: while it runs nobody else has it.
func (c *conn) take(ctx context.Context, query string) (*statement, error) {
	if s, ok := c.idle.Peek(query); ok {
		c.idle.Remove(query)
		return s, nil
	}
	made, err := c.PrepareContext(ctx, full(query))
	if err != nil {
		return nil, err
	}
	able, ok := made.(runnable)
	if !ok {
		return nil, fmt.Errorf("the driver's statement is a %T, which cannot do what is needed", made)
	}
	return &statement{query, able}, nil
}

// put returns a statement to the cache. The same query may have been prepared twice meanwhile, while its rows were read.
func (c *conn) put(s *statement) error {
	if c.closed || c.idle.Contains(s.query) {
		return s.Close()
	}
	var oldest *statement
	if c.idle.Len() >= kept {
		_, oldest, _ = c.idle.RemoveOldest()
	}
	c.idle.Add(s.query, s)
	if oldest == nil {
		return nil
	}
	return oldest.Close()
}

// Close closes the statements and the connection.
func (c *conn) Close() error {
	c.closed = true
	var first error
	for _, s := range c.idle.Values() {
		if err := s.Close(); err != nil && first == nil {
			first = err
		}
	}
	c.idle.Purge()
	if err := c.able.Close(); err != nil {
		return err
	}
	return first
}

// describedRows is what the driver's rows can do, and ours have to pass on.
type describedRows interface {
	driver.Rows
	driver.RowsColumnTypeDatabaseTypeName
	driver.RowsColumnTypeLength
	driver.RowsColumnTypeNullable
	driver.RowsColumnTypePrecisionScale
	driver.RowsColumnTypeScanType
}

// rows are those of a statement that is kept once they are closed.
type rows struct {
	describedRows
	conn      *conn
	statement *statement
}

// Close ends the reading.
func (r *rows) Close() error {
	if r.statement == nil {
		return nil
	}
	s := r.statement
	r.statement = nil
	if err := r.describedRows.Close(); err != nil {
		_ = s.Close() // the error that matters is the first
		return err
	}
	return r.conn.put(s)
}
