package store

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// The functions below read lists. They make the same records as app.RecordQuery, of several collections at once, in about
// half the time.

// Tables are the collections of a join, by alias.
type Tables map[string]table

// table is a collection whose columns are adjacent in each row, starting at at.
type table struct {
	collection *core.Collection
	fields     []core.Field
	at         int
}

// Joined returns the columns of the collections by alias, and their number, for the SELECT of a join: in
// the same order each time, so that the query is planned once. Our names need no quotes, which would cost time.
func Joined(app core.App, aliases map[string]string) (columns string, width int, schema Tables, err error) {
	schema = Tables{}
	var names []string
	for _, alias := range slices.Sorted(maps.Keys(aliases)) {
		collection, err := app.FindCachedCollectionByNameOrId(aliases[alias])
		if err != nil {
			return "", 0, nil, err
		}
		t := table{collection: collection, at: len(names)}
		for _, field := range collection.Fields {
			if field.ColumnType(app) != "" {
				t.fields = append(t.fields, field)
				names = append(names, alias+"."+field.GetName())
			}
		}
		schema[alias] = t
	}
	return strings.Join(names, ", "), len(names), schema, nil
}

// Record returns the alias's record in a row; nil if the join found none.
func (t Tables) Record(alias string, row []any) (*core.Record, error) {
	from := t[alias]
	if !slices.ContainsFunc(row[from.at:from.at+len(from.fields)], func(v any) bool { return v != nil }) {
		return nil, nil
	}
	record := core.NewRecord(from.collection)
	for i, field := range from.fields {
		stored := row[from.at+i]
		if stored == nil {
			continue
		}
		value, err := field.PrepareValue(record, stored)
		if err != nil {
			return nil, fmt.Errorf("read %s of %s: %w", field.GetName(), from.collection.Name, err)
		}
		record.SetRaw(field.GetName(), value)
	}
	record.MarkAsNotNew()
	return record, nil
}

// EachRow passes every row of a query to read, which must not keep it.
func EachRow(query *dbx.Query, width int, read func(row []any) error) error {
	rows, err := query.Rows()
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // all rows were read, or the error says why not
	row := make([]any, width)
	targets := make([]any, width)
	for i := range row {
		targets[i] = &row[i]
	}
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			return err
		}
		if err := read(row); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Unplanned after the argument of a LIMIT keeps SQLite from planning the query again for each value of it.
const Unplanned = "+ 0"

// IsTrue reads a boolean column.
func IsTrue(column any) bool { return column == int64(1) }
