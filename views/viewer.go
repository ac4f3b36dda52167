// Package views decides what each viewer is shown of a record: the one JSON shape, with the plain values of sealed fields
// added for those who may read them, and without everything that belongs to others only. It changes copies of records, never
// what is stored; hooks, routes and delivery all show records through it.
package views

import (
	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/internal/token"
)

// Viewer is the person who sees the record. The zero Viewer is nobody: it sees no sealed value.
type Viewer struct {
	ID        string
	Moderator bool
	Reads     bool // a member on their own, to whom sealed values may be opened
}

// ViewerOf returns the viewer of an auth record; nil, superusers and impersonation tokens are nobody.
func ViewerOf(auth *core.Record) Viewer {
	if auth == nil || auth.Collection().Name != collections.Users {
		return Viewer{}
	}
	return Viewer{
		ID:        auth.Id,
		Moderator: collections.AsMember(auth).IsModerator(),
		Reads:     !token.Impersonated(auth),
	}
}

// add puts a value that is no column on the record's JSON.
func add(record *core.Record, name string, value any) {
	record.SetRaw(name, value)
	record.WithCustomData(true)
}
