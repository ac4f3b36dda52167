package collections

import (
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/internal/store"
)

// The kinds and states of a case, and what moderators do with one.
const (
	CaseReport = "report"
	CaseFlag   = "flag"
	CaseHeld   = "held"
	CaseBan    = "ban" // a ban without a report that waits for a second moderator

	CasePending  = "pending"
	CaseResolved = "resolved"

	ActDismiss    = "dismiss"
	ActWarn       = "warn"
	ActHide       = "hide"
	ActRemove     = "remove"
	ActLimit      = "limit"
	ActSuspend    = "suspend"
	ActBan        = "ban"
	ActEnforce    = "enforce"
	ActApprove    = "approve"
	ActPreApprove = "pre_approve"
)

// Case is one thing that waits for a moderator: a report, a message that screening has flagged, or one that is held.
type Case struct{ core.BaseRecordProxy }

// AsCase reads record, a row of moderation_cases.
func AsCase(record *core.Record) *Case {
	c := &Case{}
	c.SetProxyRecord(record)
	return c
}

// NewCase makes a pending case about a member without saving it.
func NewCase(app core.App, kind, message, reported, reason string) (*Case, error) {
	collection, err := app.FindCachedCollectionByNameOrId(Cases)
	if err != nil {
		return nil, err
	}
	c := AsCase(core.NewRecord(collection))
	c.Id = core.GenerateDefaultRandomId()
	c.Set("kind", kind)
	c.Set("message", message)
	c.Set("reported", reported)
	c.Set("reason", reason)
	c.Set("status", CasePending)
	return c, nil
}

// FindCase finds a case by id; nil when there is none.
func FindCase(app core.App, id string) (*Case, error) {
	return store.Typed(AsCase)(store.FindOne(app, Cases, store.ByID(id)))
}

// FindCaseOf finds the case of a report; nil when there is none.
func FindCaseOf(app core.App, report string) (*Case, error) {
	return store.Typed(AsCase)(store.FindOne(app, Cases, dbx.HashExp{"report": report}))
}

// FindProposedBan finds the open case in which a moderator has proposed to ban a member; nil when there is none.
func FindProposedBan(app core.App, user string) (*Case, error) {
	return store.Typed(AsCase)(store.FindOne(app, Cases, dbx.HashExp{"kind": CaseBan, "reported": user, "status": CasePending}))
}

// Kind is report, flag, held or ban.
func (c *Case) Kind() string { return c.GetString("kind") }

// Report is the id of its report, or empty.
func (c *Case) Report() string { return c.GetString("report") }

// Of links the case to a report and its reporter.
func (c *Case) Of(r *Report) {
	c.Set("report", r.Id)
	c.Set("reporter", r.ReportedBy())
}

// Message is the id of the message it is about, or empty.
func (c *Case) Message() string { return c.GetString("message") }

// Reported is the id of the member that it is about.
func (c *Case) Reported() string { return c.GetString("reported") }

// MarkUrgent marks the case as urgent.
func (c *Case) MarkUrgent() { c.Set("urgent", true) }

// MarkBurst records that many members reported the same member at once, which alone proves nothing.
func (c *Case) MarkBurst() { c.Set("burst", true) }

// ClaimedBy is the moderator who works on it, or empty.
func (c *Case) ClaimedBy() string { return c.GetString("claimed_by") }

// Claim reserves the case for a moderator.
func (c *Case) Claim(moderator string, now time.Time) {
	c.Set("claimed_by", moderator)
	c.Set("claimed_at", store.DateTime(now))
}

// Undecided reports whether the case has no decision yet.
func (c *Case) Undecided() bool { return c.GetString("status") == CasePending }

// Propose records the decision of a first moderator, and its number of days, that a second one must confirm.
func (c *Case) Propose(action, note, moderator string, days int) {
	c.Set("proposed", action)
	c.Set("proposed_days", days)
	c.Set("note", note)
	c.Set("proposed_by", moderator)
	c.Set("claimed_by", "")
	c.Set("claimed_at", "")
}

// ProposedBy is the moderator whose decision waits for a second one, or empty.
func (c *Case) ProposedBy() string { return c.GetString("proposed_by") }

// ProposedDays is the proposed number of days; 0 means the default.
func (c *Case) ProposedDays() int { return c.GetInt("proposed_days") }

// Resolve records the decision.
func (c *Case) Resolve(action, note, moderator string, now time.Time) {
	c.Set("status", CaseResolved)
	c.Set("action", action)
	c.Set("note", note)
	c.Set("resolved_by", moderator)
	c.Set("resolved_at", store.DateTime(now))
}

// Appealed is true of a case c with an unanswered appeal against its outcome.
const Appealed = `EXISTS (SELECT 1 FROM moderation_penalties p JOIN moderation_appeals a ON a.penalty = p.id
	WHERE p.cause = c.id AND a.status = 'pending')`
