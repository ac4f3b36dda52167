package collections

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
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
	return typed(AsCase)(one(app, Cases, byID(id)))
}

// FindCaseOf finds the case of a report; nil when there is none.
func FindCaseOf(app core.App, report string) (*Case, error) {
	return typed(AsCase)(one(app, Cases, dbx.HashExp{"report": report}))
}

// queues maps each status that a client can ask for to its cases; the statuses of reports are accepted as well.
var queues = map[string]string{
	CasePending:       "c.status = 'pending'",
	CaseResolved:      "c.status = 'resolved'",
	ReportReviewed:    "c.status = 'pending' AND (c.claimed_by != '' OR c.report IN (SELECT r.id FROM message_reports r WHERE r.status = 'reviewed'))",
	ReportDismissed:   "c.status = 'resolved' AND c.action IN ('dismiss','approve')",
	ReportActionTaken: "c.status = 'resolved' AND c.action NOT IN ('dismiss','approve')",
}

// QueueStatuses are the statuses by which the queue can be filtered.
func QueueStatuses() []string { return slices.Sorted(maps.Keys(queues)) }

// foreign is true of a case c in which {:moderator} has no part: they are not reported in it, and have reported neither it
// nor the message that it is about.
const foreign = `c.reported != {:moderator} AND c.reporter != {:moderator} AND c.message NOT IN (
	SELECT own.message FROM moderation_cases own WHERE own.message != '' AND own.reporter = {:moderator})`

// rank orders single cases c, the urgent and oldest first; grouped keeps the cases about one member together,
// at the rank of the first of them.
const (
	rank    = "(CASE WHEN c.urgent THEN '0' ELSE '1' END || c.created_at || c.id)"
	grouped = "MIN(" + rank + ") OVER (PARTITION BY c.reported)"
)

// FindQueue finds a page of the cases that a moderator may work on, and how many there are: the urgent and oldest first, and
// waiting cases about one member together. Decided cases are many, and are not grouped.
func FindQueue(app core.App, moderator, status string, limit, offset int) ([]*Case, int, error) {
	from := " FROM moderation_cases c WHERE " + queues[status] + " AND " + foreign
	params := dbx.Params{"moderator": moderator, "limit": limit, "offset": offset}
	family, order := grouped, "family, place"
	if !waits(status) {
		family, order = "''", "c.urgent DESC, c.created_at, c.id" // as an index has them
	}
	var cases []*Case
	err := app.RecordQuery(Cases).InnerJoin("(SELECT c.id AS sought, "+family+" AS family, "+rank+" AS place"+from+
		" ORDER BY "+order+" LIMIT {:limit} OFFSET {:offset}) q", dbx.NewExp("q.sought = moderation_cases.id", params)).
		OrderBy("q.family", "q.place").All(&cases)
	if err != nil {
		return nil, 0, fmt.Errorf("list the queue: %w", err)
	}
	total, err := count(app, "SELECT COUNT(*)"+from, dbx.Params{"moderator": moderator})
	return cases, total, err
}

// waits reports whether cases with this status are still undecided.
func waits(status string) bool { return status == CasePending || status == ReportReviewed }

// FindForeignCase finds a case that a moderator may work on; nil when there is none.
func FindForeignCase(app core.App, id, moderator string) (*Case, error) {
	c, err := FindCase(app, id)
	if err != nil || c == nil {
		return nil, err
	}
	if foreign, err := c.ForeignTo(app, moderator); err != nil || !foreign {
		return nil, err
	}
	return c, nil
}

// HasReported reports whether a moderator has reported a member in a case that is not decided yet.
func HasReported(app core.App, moderator, member string) (bool, error) {
	n, err := count(app, "SELECT COUNT(*) FROM moderation_cases WHERE reported = {:member} AND reporter = {:moderator} AND status = 'pending'",
		dbx.Params{"member": member, "moderator": moderator})
	return n > 0, err
}

// OpenCases counts the cases about a member that nobody has decided yet.
func OpenCases(app core.App, member string) (int, error) {
	return count(app, "SELECT COUNT(*) FROM moderation_cases WHERE reported = {:member} AND status = 'pending'", dbx.Params{"member": member})
}

// FindProposedBan finds the open case in which a moderator has proposed to ban a member; nil when there is none.
func FindProposedBan(app core.App, user string) (*Case, error) {
	return typed(AsCase)(one(app, Cases, dbx.HashExp{"kind": CaseBan, "reported": user, "status": CasePending}))
}

// Open adds the case to the queue and notifies the moderators who may work on it.
func (c *Case) Open(app core.App) error {
	if err := app.Save(c); err != nil {
		return err
	}
	return c.Tell(app, "", WhatOpened, Subject{SubjectCase, c.Id})
}

// Tell notifies the moderators who may work on the case, but the one named, of what waits for them.
func (c *Case) Tell(app core.App, except, what string, about Subject) error {
	moderators, err := FindModerators(app)
	if err != nil {
		return err
	}
	for _, m := range moderators {
		may, err := c.ForeignTo(app, m.Id)
		if err != nil {
			return err
		}
		if m.Id == except || !may {
			continue
		}
		if err := Notify(app, m.Id, NoticeCase, Facts{FactWhat: what}, about); err != nil {
			return err
		}
	}
	return nil
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

// ForeignTo reports whether a moderator has no part in the case: they are not reported in it, and have reported neither it nor the
// message that it is about.
func (c *Case) ForeignTo(app core.App, moderator string) (bool, error) {
	if moderator == c.Reported() || moderator == c.GetString("reporter") {
		return false, nil
	}
	if c.Message() == "" {
		return true, nil
	}
	n, err := count(app, "SELECT COUNT(*) FROM moderation_cases WHERE message = {:message} AND reporter = {:moderator}",
		dbx.Params{"message": c.Message(), "moderator": moderator})
	return n == 0, err
}

// Urge marks the case as urgent.
func (c *Case) Urge() { c.Set("urgent", true) }

// MarkBurst records that many members reported the same member at once, which alone proves nothing.
func (c *Case) MarkBurst() { c.Set("burst", true) }

// ClaimedBy is the moderator who works on it, or empty.
func (c *Case) ClaimedBy() string { return c.GetString("claimed_by") }

// Claim reserves the case for a moderator.
func (c *Case) Claim(moderator string, now time.Time) {
	c.Set("claimed_by", moderator)
	c.Set("claimed_at", stamp(now))
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
	c.Set("resolved_at", stamp(now))
}

// Take hides or removes the message for a moderator, or shows it again with an empty status.
func (m *Message) Take(status string, now time.Time) {
	m.Set("moderation_status", status)
	m.Set("changed_at", stamp(now))
}

// Release shows a held message to the others: it gets its seq by [Message.Place].
func (m *Message) Release(now time.Time) {
	m.Set("moderation_status", ModerationApproved)
	m.Set("private_to", "")
	m.Set("changed_at", stamp(now))
}
