package erasure

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/audit"
	"carecollective/collections"
	"carecollective/internal/readcache"
	"carecollective/internal/store"
	"carecollective/vault"
)

// Ask records that a member wants their account erased. A repeated request changes nothing.
func Ask(app core.App, user string, now time.Time) (*collections.Erasure, error) {
	known, err := collections.FindErasure(app, user)
	if err != nil || known != nil {
		return known, err
	}
	collection, err := app.FindCachedCollectionByNameOrId(collections.Erasures)
	if err != nil {
		return nil, err
	}
	e := collections.AsErasure(core.NewRecord(collection))
	e.Set(collections.FieldUser, user)
	e.Set(collections.FieldEraseAt, store.DateTime(now.Add(collections.ErasureWait)))
	return e, app.Save(e)
}

// TakeBack deletes a member's request for erasure, unless the erasure has begun.
func TakeBack(app core.App, user string) error {
	return store.Exec(app, "DELETE FROM erasures WHERE user = {:user} AND begun_at = ''", dbx.Params{"user": user})
}

// EraseDue erases the accounts that are due, and those that a kill has left half erased.
func EraseDue(app core.App, others []Step, now time.Time) error {
	var due []*collections.Erasure
	err := app.RecordQuery(collections.Erasures).AndWhere(dbx.NewExp("begun_at != '' OR erase_at <= {:now}", dbx.Params{"now": store.Stamp(now)})).
		OrderBy("erase_at", "id").All(&due)
	if err != nil {
		return fmt.Errorf("find accounts to erase: %w", err)
	}
	var failed []error
	for _, e := range due {
		failed = append(failed, begin(app, e, others, now))
	}
	return errors.Join(failed...)
}

// EraseAgain erases accounts that were erased before and came back with an old backup.
func EraseAgain(app core.App, others []Step, now time.Time) error {
	stones, err := collections.Vault(app).Forgotten(vault.Member)
	if err != nil {
		return fmt.Errorf("read who was erased: %w", err)
	}
	var failed []error
	for _, stone := range stones {
		n, err := store.Count(app, "SELECT COUNT(*) FROM users WHERE id = {:id} AND erased_at = ''", dbx.Params{"id": stone.ID})
		if err == nil && n > 0 {
			err = eraseAgain(app, others, stone.ID, now)
		}
		failed = append(failed, err)
	}
	return errors.Join(failed...)
}

func eraseAgain(app core.App, others []Step, user string, now time.Time) error {
	e, err := Ask(app, user, now.Add(-collections.ErasureWait)) // it was requested long ago
	if err != nil {
		return err
	}
	return begin(app, e, others, now)
}

// begin makes the erasure irrevocable and erases. From here on every start continues it until it is done.
func begin(app core.App, e *collections.Erasure, others []Step, now time.Time) error {
	var begun []string
	err := app.DB().NewQuery("UPDATE erasures SET begun_at = {:now} WHERE id = {:id} RETURNING user").
		Bind(dbx.Params{"id": e.Id, "now": store.Stamp(now)}).Column(&begun)
	if err != nil {
		return fmt.Errorf("begin to erase %s: %w", e.User(), err)
	}
	if len(begun) == 0 { // taken back at this very moment
		return nil
	}
	if err := collections.Vault(app).Forget(vault.Member, e.User()); err != nil {
		return fmt.Errorf("begin to erase %s: %w", e.User(), err)
	}
	for _, s := range slices.Concat(others, erasing) {
		err := s.Run(app, e.User(), now)
		readcache.Invalidate(app) // rows were changed without the hooks that handle this
		if err != nil {
			return fmt.Errorf("erase %s of %s: %w", s.What, e.User(), err)
		}
	}
	return store.TruncateWAL(app)
}

// Step is one part of an erasure. It can run again after an interruption. Steps of other packages run before those of
// this one, while the rows of the member are still there.
type Step struct {
	What string // what it erases, for the error
	Run  func(app core.App, user string, now time.Time) error
}

// erasing are the steps of an erasure. Each can be repeated, so that an interrupted one starts again; the last makes it
// over.
var erasing = []Step{
	{"the account", shutAccount},
	{"the rows", deleteOwned},
	{"the places", leavePlaces},
	{"the messages", eraseMessages},
	{"the files", deleteFiles},
	{"the keys", func(app core.App, user string, _ time.Time) error {
		return collections.Shred(app, collections.MemberScope(user), "")
	}},
	{"the wish", endErasure},
}

// endErasure records that an account is erased. The log keeps the plain id, which now means nothing to anyone.
func endErasure(app core.App, user string, now time.Time) error {
	return app.RunInTransaction(func(txApp core.App) error {
		if err := store.Exec(txApp, "UPDATE users SET erased_at = {:now} WHERE id = {:user}", dbx.Params{"now": store.Stamp(now), "user": user}); err != nil {
			return err
		}
		if err := store.Exec(txApp, "DELETE FROM erasures WHERE user = {:user}", dbx.Params{"user": user}); err != nil {
			return err
		}
		return audit.Record(txApp, audit.AuditDeleted, "", user, map[string]any{"account": "erased"}, now)
	})
}
