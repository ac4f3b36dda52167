package collections

import (
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

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
	sealed, err := seal(app, MemberScope(user), now, a.binding(), text)
	a.Set("text_sealed", sealed)
	return a, err
}

// FindAppeal finds an appeal by id; nil when there is none.
func FindAppeal(app core.App, id string) (*Appeal, error) {
	return typed(AsAppeal)(one(app, Appeals, byID(id)))
}

// FindAppealOf finds the appeal against a penalty; nil when there is none.
func FindAppealOf(app core.App, penalty string) (*Appeal, error) {
	return typed(AsAppeal)(one(app, Appeals, dbx.HashExp{"penalty": penalty}))
}

// FindLatestAppeal finds the newest appeal of a member; nil when there is none.
func FindLatestAppeal(app core.App, user string) (*Appeal, error) {
	return typed(AsAppeal)(one(app, Appeals, dbx.HashExp{"user": user}, "created_at DESC", "rowid DESC"))
}

// FindAppeals finds a page of the appeals with that status that a moderator may decide, the oldest first, and their number:
// neither their own appeals, nor those against the outcome of their own cases.
func FindAppeals(app core.App, moderator, status string, limit, offset int) ([]*Appeal, int, error) {
	where := dbx.NewExp(`status = {:status} AND user != {:moderator} AND penalty NOT IN (
		SELECT p.id FROM moderation_penalties p JOIN moderation_cases c ON c.id = p.cause WHERE NOT (`+foreign+`))`,
		dbx.Params{"status": status, "moderator": moderator})
	var all []*Appeal
	err := app.RecordQuery(Appeals).AndWhere(where).OrderBy("created_at", "id").Limit(int64(limit)).Offset(int64(offset)).All(&all)
	if err != nil {
		return nil, 0, fmt.Errorf("list appeals: %w", err)
	}
	total := 0
	if err := app.DB().Select("COUNT(*)").From(Appeals).Where(where).Row(&total); err != nil {
		return nil, 0, fmt.Errorf("count appeals: %w", err)
	}
	return all, total, nil
}

// User is the member who appeals.
func (a *Appeal) User() string { return a.GetString("user") }

// Penalty is the id of the penalty that it is against.
func (a *Appeal) Penalty() string { return a.GetString("penalty") }

// Status is pending, upheld or overturned.
func (a *Appeal) Status() string { return a.GetString("status") }

// Text is what the member says; [vault.ErrUnreadable] when it cannot be opened.
func (a *Appeal) Text(app core.App) (string, error) {
	return unseal(app, MemberScope(a.User()), a.binding(), a.GetString("text_sealed"))
}

// Tell notifies the moderators who may decide it of what waits for them.
func (a *Appeal) Tell(app core.App, what string) error {
	about := Subject{SubjectAppeal, a.Id}
	p, err := FindPenalty(app, a.Penalty())
	if err != nil {
		return err
	}
	if p != nil {
		c, err := FindCase(app, p.Cause())
		if err != nil {
			return err
		}
		if c != nil {
			return c.Tell(app, a.User(), what, about)
		}
	}
	return NotifyModerators(app, a.User(), what, about)
}

// Decide records a moderator's answer.
func (a *Appeal) Decide(outcome, note, by string, now time.Time) {
	a.Set("status", outcome)
	a.Set("note", note)
	a.Set("decided_by", by)
	a.Set("decided_at", stamp(now))
}

func (a *Appeal) binding() vault.Binding {
	return vault.Binding{Table: Appeals, Record: a.Id, Field: AppealText, Sender: a.User()}
}
