package store

import (
	"time"

	"github.com/pocketbase/pocketbase/tools/types"
)

// DateTime is a time as PocketBase stores it.
func DateTime(t time.Time) types.DateTime {
	d, _ := types.ParseDateTime(t) // a time.Time always parses
	return d
}

// Stamp is a time as PocketBase stores and shows it.
func Stamp(t time.Time) string { return DateTime(t).String() }

// ParseTime reads a time as PocketBase stores it; zero for an empty one.
func ParseTime(stored string) time.Time {
	d, _ := types.ParseDateTime(stored) // what PocketBase has stored parses; an empty one is zero
	return d.Time()
}
