package collections

import (
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/internal/store"
)

// FormerMember is the name shown for an erased account.
const FormerMember = "Former member"

// ErasureWait is how long an owner may take back the erasure of their account.
const ErasureWait = 7 * 24 * time.Hour

// Erasure is an account that its owner wants erased, until that is done.
type Erasure struct{ core.BaseRecordProxy }

// AsErasure reads record, a row of erasures.
func AsErasure(record *core.Record) *Erasure {
	e := &Erasure{}
	e.SetProxyRecord(record)
	return e
}

// FindErasure finds the erasure that a member has requested; nil if there is none.
func FindErasure(app core.App, user string) (*Erasure, error) {
	return store.Typed(AsErasure)(store.FindOne(app, Erasures, dbx.HashExp{"user": user}))
}

// User is whose account it is.
func (e *Erasure) User() string { return e.GetString("user") }

// EraseAt is when the account is erased.
func (e *Erasure) EraseAt() time.Time { return e.GetDateTime("erase_at").Time() }

// Begun reports whether it has begun and can no longer be taken back.
func (e *Erasure) Begun() bool { return !e.GetDateTime("begun_at").IsZero() }

// Erased reports whether an account is erased, or its erasure has begun.
func Erased(app core.App, user string) (bool, error) {
	n, err := store.Count(app, `SELECT COUNT(*) FROM users u WHERE u.id = {:user}
		AND (u.erased_at != '' OR EXISTS (SELECT 1 FROM erasures e WHERE e.user = u.id AND e.begun_at != ''))`, dbx.Params{"user": user})
	return n > 0, err
}

// Owned are the collections whose rows belong to the member who adds them.
func Owned() []string {
	return []string{HelpRequests, Blocks, PushSubscriptions, Appeals, Sessions, Exports}
}

// OwnerOf returns the member to whom a record belongs: a row of [Owned], or the member's own row.
func OwnerOf(record *core.Record) string {
	switch record.Collection().Name {
	case Users:
		return record.Id
	case Blocks:
		return record.GetString("blocker")
	default:
		return record.GetString("user")
	}
}
