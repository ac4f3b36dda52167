package collections

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/vault"
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
	return typed(AsErasure)(one(app, Erasures, dbx.HashExp{"user": user}))
}

// User is whose account it is.
func (e *Erasure) User() string { return e.GetString("user") }

// EraseAt is when the account is erased.
func (e *Erasure) EraseAt() time.Time { return e.GetDateTime("erase_at").Time() }

// Begun reports whether it has begun and can no longer be taken back.
func (e *Erasure) Begun() bool { return !e.GetDateTime("begun_at").IsZero() }

// AskErasure records that a member wants their account erased. A repeated request changes nothing.
func AskErasure(app core.App, user string, now time.Time) (*Erasure, error) {
	known, err := FindErasure(app, user)
	if err != nil || known != nil {
		return known, err
	}
	collection, err := app.FindCachedCollectionByNameOrId(Erasures)
	if err != nil {
		return nil, err
	}
	e := AsErasure(core.NewRecord(collection))
	e.Set("user", user)
	e.Set("erase_at", stamp(now.Add(ErasureWait)))
	return e, app.Save(e)
}

// TakeBackErasure deletes a member's request for erasure, unless the erasure has begun.
func TakeBackErasure(app core.App, user string) error {
	return exec(app, "DELETE FROM erasures WHERE user = {:user} AND begun_at = ''", dbx.Params{"user": user})
}

// EraseDue erases the accounts that are due, and those that a kill has left half erased.
func EraseDue(app core.App, others []EraseStep, now time.Time) error {
	var due []*Erasure
	err := app.RecordQuery(Erasures).AndWhere(dbx.NewExp("begun_at != '' OR erase_at <= {:now}", dbx.Params{"now": Stamp(now)})).
		OrderBy("erase_at", "id").All(&due)
	if err != nil {
		return fmt.Errorf("find accounts to erase: %w", err)
	}
	var failed []error
	for _, e := range due {
		failed = append(failed, e.begin(app, others, now))
	}
	return errors.Join(failed...)
}

// EraseAgain erases accounts that were erased before and came back with an old backup.
func EraseAgain(app core.App, others []EraseStep, now time.Time) error {
	stones, err := Vault(app).Forgotten(vault.Member)
	if err != nil {
		return fmt.Errorf("read who was erased: %w", err)
	}
	var failed []error
	for _, stone := range stones {
		n, err := count(app, "SELECT COUNT(*) FROM users WHERE id = {:id} AND erased_at = ''", dbx.Params{"id": stone.ID})
		if err == nil && n > 0 {
			err = eraseAgain(app, others, stone.ID, now)
		}
		failed = append(failed, err)
	}
	return errors.Join(failed...)
}

func eraseAgain(app core.App, others []EraseStep, user string, now time.Time) error {
	e, err := AskErasure(app, user, now.Add(-ErasureWait)) // it was requested long ago
	if err != nil {
		return err
	}
	return e.begin(app, others, now)
}

// begin makes the erasure irrevocable and erases. From here on every start continues it until it is done.
func (e *Erasure) begin(app core.App, others []EraseStep, now time.Time) error {
	var begun []string
	err := app.DB().NewQuery("UPDATE erasures SET begun_at = {:now} WHERE id = {:id} RETURNING user").
		Bind(dbx.Params{"id": e.Id, "now": Stamp(now)}).Column(&begun)
	if err != nil {
		return fmt.Errorf("begin to erase %s: %w", e.User(), err)
	}
	if len(begun) == 0 { // taken back at this very moment
		return nil
	}
	if err := Vault(app).Forget(vault.Member, e.User()); err != nil {
		return fmt.Errorf("begin to erase %s: %w", e.User(), err)
	}
	for _, s := range slices.Concat(others, erasing) {
		err := s.Run(app, e.User(), now)
		ForgetReads(app) // rows were changed without the hooks that handle this
		if err != nil {
			return fmt.Errorf("erase %s of %s: %w", s.What, e.User(), err)
		}
	}
	return ForgetDeleted(app)
}

// EraseStep is one part of an erasure. It can run again after an interruption. Steps of other packages run before those of
// this one, while the rows of the member are still there.
type EraseStep struct {
	What string // what it erases, for the error
	Run  func(app core.App, user string, now time.Time) error
}

// erasing are the steps of an erasure. Each can be repeated, so that an interrupted one starts again; the last makes it
// over.
var erasing = []EraseStep{
	{"the account", shutAccount},
	{"the rows", deleteOwned},
	{"the places", leavePlaces},
	{"the messages", eraseMessages},
	{"the files", deleteFiles},
	{"the keys", func(app core.App, user string, _ time.Time) error { return shred(app, MemberScope(user), "") }},
	{"the wish", endErasure},
}

// endErasure records that an account is erased. The log keeps the plain id, which now means nothing to anyone.
func endErasure(app core.App, user string, now time.Time) error {
	return app.RunInTransaction(func(txApp core.App) error {
		if err := exec(txApp, "UPDATE users SET erased_at = {:now} WHERE id = {:user}", dbx.Params{"now": Stamp(now), "user": user}); err != nil {
			return err
		}
		if err := exec(txApp, "DELETE FROM erasures WHERE user = {:user}", dbx.Params{"user": user}); err != nil {
			return err
		}
		return Audit(txApp, AuditDeleted, "", user, map[string]any{"account": "erased"}, now)
	})
}

// Erased reports whether an account is erased, or its erasure has begun.
func Erased(app core.App, user string) (bool, error) {
	n, err := count(app, `SELECT COUNT(*) FROM users u WHERE u.id = {:user}
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
