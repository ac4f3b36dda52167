package collections

import (
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/internal/store"
	"carecollective/vault"
)

// The states of an appeal.
const (
	AppealPending    = "pending"
	AppealUpheld     = "upheld"
	AppealOverturned = "overturned"
)

// AppealText is the key under which an appeal's plain text is attached to its record.
const AppealText = "text"

// Appeal is a member's objection to a penalty, and the answer.
type Appeal struct{ core.BaseRecordProxy }

// AsAppeal reads record, a row of moderation_appeals.
func AsAppeal(record *core.Record) *Appeal {
	a := &Appeal{}
	a.SetProxyRecord(record)
	return a
}

// NewAppeal makes a pending appeal against a penalty without saving it.
func NewAppeal(app core.App, user, penalty, text string, now time.Time) (*Appeal, error) {
	collection, err := app.FindCachedCollectionByNameOrId(Appeals)
	if err != nil {
		return nil, err
	}
	a := AsAppeal(core.NewRecord(collection))
	a.Id = core.GenerateDefaultRandomId()
	a.Set("user", user)
	a.Set("penalty", penalty)
	a.Set("status", AppealPending)
	sealed, err := Seal(app, MemberScope(user), now, a.binding(), text)
	a.Set("text_sealed", sealed)
	return a, err
}

// FindAppeal finds an appeal by id; nil when there is none.
func FindAppeal(app core.App, id string) (*Appeal, error) {
	return store.Typed(AsAppeal)(store.FindOne(app, Appeals, store.ByID(id)))
}

// FindAppealOf finds the appeal against a penalty; nil when there is none.
func FindAppealOf(app core.App, penalty string) (*Appeal, error) {
	return store.Typed(AsAppeal)(store.FindOne(app, Appeals, dbx.HashExp{"penalty": penalty}))
}

// FindLatestAppeal finds the newest appeal of a member; nil when there is none.
func FindLatestAppeal(app core.App, user string) (*Appeal, error) {
	return store.Typed(AsAppeal)(store.FindOne(app, Appeals, dbx.HashExp{"user": user}, "created_at DESC", "rowid DESC"))
}

// User is the member who appeals.
func (a *Appeal) User() string { return a.GetString("user") }

// Penalty is the id of the penalty that it is against.
func (a *Appeal) Penalty() string { return a.GetString("penalty") }

// Status is pending, upheld or overturned.
func (a *Appeal) Status() string { return a.GetString("status") }

// Text is what the member says; [vault.ErrUnreadable] when it cannot be opened.
func (a *Appeal) Text(app core.App) (string, error) {
	return Unseal(app, MemberScope(a.User()), a.binding(), a.GetString("text_sealed"))
}

// Decide records a moderator's answer.
func (a *Appeal) Decide(outcome, note, by string, now time.Time) {
	a.Set("status", outcome)
	a.Set("note", note)
	a.Set("decided_by", by)
	a.Set("decided_at", store.DateTime(now))
}

func (a *Appeal) binding() vault.Binding {
	return vault.Binding{Table: Appeals, Record: a.Id, Field: AppealText, Sender: a.User()}
}
