package moderation

import (
	"fmt"
	"maps"
	"slices"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/internal/store"
)

// FindAppeals finds a page of the appeals with that status that a moderator may decide, the oldest first, and their number:
// neither their own appeals, nor those against the outcome of their own cases.
func FindAppeals(app core.App, moderator, status string, limit, offset int) ([]*collections.Appeal, int, error) {
	where := dbx.NewExp(`status = {:status} AND user != {:moderator} AND penalty NOT IN (
		SELECT p.id FROM moderation_penalties p JOIN moderation_cases c ON c.id = p.cause WHERE NOT (`+decidableBy+`))`,
		dbx.Params{"status": status, "moderator": moderator})
	var all []*collections.Appeal
	err := app.RecordQuery(collections.Appeals).AndWhere(where).OrderBy("created_at", "id").Limit(int64(limit)).Offset(int64(offset)).All(&all)
	if err != nil {
		return nil, 0, fmt.Errorf("list appeals: %w", err)
	}
	total := 0
	if err := app.DB().Select("COUNT(*)").From(collections.Appeals).Where(where).Row(&total); err != nil {
		return nil, 0, fmt.Errorf("count appeals: %w", err)
	}
	return all, total, nil
}

// queues maps each status that a client can ask for to its cases; the statuses of reports are accepted as well.
var queues = map[string]string{
	collections.CasePending:       "c.status = 'pending'",
	collections.CaseResolved:      "c.status = 'resolved'",
	collections.ReportReviewed:    "c.status = 'pending' AND (c.claimed_by != '' OR c.report IN (SELECT r.id FROM message_reports r WHERE r.status = 'reviewed'))",
	collections.ReportDismissed:   "c.status = 'resolved' AND c.action IN ('dismiss','approve')",
	collections.ReportActionTaken: "c.status = 'resolved' AND c.action NOT IN ('dismiss','approve')",
}

// QueueStatuses are the statuses by which the queue can be filtered.
func QueueStatuses() []string { return slices.Sorted(maps.Keys(queues)) }

// decidableBy is true of a case c in which {:moderator} has no part: they are not reported in it, and have reported neither it
// nor the message that it is about.
const decidableBy = `c.reported != {:moderator} AND c.reporter != {:moderator} AND c.message NOT IN (
	SELECT own.message FROM moderation_cases own WHERE own.message != '' AND own.reporter = {:moderator})`

// rank orders single cases c, the urgent and oldest first; grouped keeps the cases about one member together,
// at the rank of the first of them.
const (
	rank    = "(CASE WHEN c.urgent THEN '0' ELSE '1' END || c.created_at || c.id)"
	grouped = "MIN(" + rank + ") OVER (PARTITION BY c.reported)"
)

// FindQueue finds a page of the cases that a moderator may work on, and how many there are: the urgent and oldest first, and
// waiting cases about one member together. Decided cases are many, and are not grouped.
func FindQueue(app core.App, moderator, status string, limit, offset int) ([]*collections.Case, int, error) {
	from := " FROM moderation_cases c WHERE " + queues[status] + " AND " + decidableBy
	params := dbx.Params{"moderator": moderator, "limit": limit, "offset": offset}
	family, order := grouped, "family, place"
	if !waits(status) {
		family, order = "''", "c.urgent DESC, c.created_at, c.id" // as an index has them
	}
	var cases []*collections.Case
	err := app.RecordQuery(collections.Cases).InnerJoin("(SELECT c.id AS sought, "+family+" AS family, "+rank+" AS place"+from+
		" ORDER BY "+order+" LIMIT {:limit} OFFSET {:offset}) q", dbx.NewExp("q.sought = moderation_cases.id", params)).
		OrderBy("q.family", "q.place").All(&cases)
	if err != nil {
		return nil, 0, fmt.Errorf("list the queue: %w", err)
	}
	total, err := store.Count(app, "SELECT COUNT(*)"+from, dbx.Params{"moderator": moderator})
	return cases, total, err
}

// waits reports whether cases with this status are still undecided.
func waits(status string) bool {
	return status == collections.CasePending || status == collections.ReportReviewed
}

// findDecidableCase finds a case that a moderator may work on; nil when there is none.
func findDecidableCase(app core.App, id, moderator string) (*collections.Case, error) {
	c, err := collections.FindCase(app, id)
	if err != nil || c == nil {
		return nil, err
	}
	if foreign, err := mayDecide(app, c, moderator); err != nil || !foreign {
		return nil, err
	}
	return c, nil
}

// CountOpenCases counts the cases about a member that nobody has decided yet.
func CountOpenCases(app core.App, member string) (int, error) {
	return store.Count(app, "SELECT COUNT(*) FROM moderation_cases WHERE reported = {:member} AND status = 'pending'", dbx.Params{"member": member})
}
