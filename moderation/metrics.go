package moderation

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/internal/readcache"
	"carecollective/internal/store"
)

// Metrics are counts over a period: facts, no text, and no group so small that it identifies a person.
type Metrics struct {
	Pending             int            `json:"pending"` // at its end
	ByReason            map[string]int `json:"by_reason"`
	Reports             int            `json:"reports"`
	MedianResolution    float64        `json:"median_resolution_seconds"`
	P95Resolution       float64        `json:"p95_resolution_seconds"`
	FalsePositiveRate   float64        `json:"false_positive_rate"`  // of the flags that were decided, those that were dismissed or approved
	CaughtAutomatically float64        `json:"caught_automatically"` // the share of cases with action that screening found and nobody reported
	Appeals             int            `json:"appeals"`
	AppealsUpheld       int            `json:"appeals_upheld"`
	AppealsOverturned   int            `json:"appeals_overturned"`
	MeanTrust           float64        `json:"mean_trust_score"` // at its end
	ActiveConversations int            `json:"active_conversations"`
	Messages            int            `json:"messages"`
	MessagesToday       int            `json:"messages_today"` // of the last day of the frame
	HelpConnections     int            `json:"help_connections"`
	Recent              []Activity     `json:"recent"`
}

// Activity is one of the latest events in moderation: a fact, without names and without a text.
type Activity struct {
	What   string `json:"what"   db:"what"`   // opened, decided, appealed or answered
	Kind   string `json:"kind"   db:"kind"`   // of the case: report, flag, held or ban
	Action string `json:"action" db:"action"` // what was decided, or how an appeal was answered
	At     string `json:"at"     db:"at"`
}

const (
	// fewest is the smallest group that is shown separately.
	fewest = 3

	// mostRecent is how many activities are listed.
	mostRecent = 20
)

// foreignAppeal is true of an appeal a, against a penalty p whose cause is the case c, that a moderator may know of.
const foreignAppeal = "a.user != {:moderator} AND (c.id IS NULL OR " + decidableBy + ")"

const appealsWithCause = " FROM moderation_appeals a LEFT JOIN moderation_penalties p ON p.id = a.penalty LEFT JOIN moderation_cases c ON c.id = p.cause WHERE "

// Measure counts what happened between two times, for a moderator, who learns nothing of their
// own cases.
func Measure(app core.App, moderator string, from, to time.Time) (*Metrics, error) {
	m := &Metrics{}
	params := dbx.Params{"from": store.Stamp(from), "to": store.Stamp(to), "moderator": moderator, "today": store.Stamp(to.Add(-24 * time.Hour))}
	within := func(column string) string { return column + " >= {:from} AND " + column + " < {:to}" }
	for into, query := range map[*int]string{
		&m.Pending: "SELECT COUNT(*) FROM moderation_cases c WHERE c.created_at < {:to} AND (c.status = 'pending' OR c.resolved_at >= {:to}) AND " +
			decidableBy,
		&m.Reports:           "SELECT COUNT(*) FROM moderation_cases c WHERE c.kind = 'report' AND " + within("c.created_at") + " AND " + decidableBy,
		&m.Appeals:           "SELECT COUNT(*)" + appealsWithCause + within("a.created_at") + " AND " + foreignAppeal,
		&m.AppealsUpheld:     "SELECT COUNT(*)" + appealsWithCause + "a.status = 'upheld' AND " + within("a.decided_at") + " AND " + foreignAppeal,
		&m.AppealsOverturned: "SELECT COUNT(*)" + appealsWithCause + "a.status = 'overturned' AND " + within("a.decided_at") + " AND " + foreignAppeal,
		&m.HelpConnections:   "SELECT COUNT(*) FROM conversations WHERE help_request != '' AND " + within("created_at"),
	} {
		n, err := store.Count(app, query, params)
		if err != nil {
			return nil, err
		}
		*into = n
	}
	if err := m.measureMessages(app, params); err != nil {
		return nil, err
	}
	if err := m.measureCases(app, params); err != nil {
		return nil, err
	}
	if err := m.listRecent(app, params); err != nil {
		return nil, err
	}
	return m, errors.Join(m.measureTrust(app, to), m.countReasons(app, params))
}

// Change returns the difference of each count from the previous period, by name.
func (m *Metrics) Change(since *Metrics) map[string]float64 {
	return map[string]float64{
		"pending":                   float64(m.Pending - since.Pending),
		"reports":                   float64(m.Reports - since.Reports),
		"median_resolution_seconds": m.MedianResolution - since.MedianResolution,
		"p95_resolution_seconds":    m.P95Resolution - since.P95Resolution,
		"false_positive_rate":       m.FalsePositiveRate - since.FalsePositiveRate,
		"caught_automatically":      m.CaughtAutomatically - since.CaughtAutomatically,
		"appeals":                   float64(m.Appeals - since.Appeals),
		"appeals_upheld":            float64(m.AppealsUpheld - since.AppealsUpheld),
		"appeals_overturned":        float64(m.AppealsOverturned - since.AppealsOverturned),
		"mean_trust_score":          m.MeanTrust - since.MeanTrust,
		"active_conversations":      float64(m.ActiveConversations - since.ActiveConversations),
		"messages":                  float64(m.Messages - since.Messages),
		"messages_today":            float64(m.MessagesToday - since.MessagesToday),
		"help_connections":          float64(m.HelpConnections - since.HelpConnections),
	}
}

// measureMessages reads the messages once.
func (m *Metrics) measureMessages(app core.App, params dbx.Params) error {
	err := app.DB().NewQuery(`SELECT COUNT(*), COALESCE(SUM(created_at >= {:today}), 0), COUNT(DISTINCT conversation)
		FROM messages WHERE message_type = 'text' AND created_at >= {:from} AND created_at < {:to}`).
		Bind(params).Row(&m.Messages, &m.MessagesToday, &m.ActiveConversations)
	if err != nil {
		return fmt.Errorf("measure messages: %w", err)
	}
	return nil
}

// measureTrust returns the mean trust score of all members at a time, by the strikes that counted then.
func (m *Metrics) measureTrust(app core.App, at time.Time) error {
	settings, err := readcache.Settings(app)
	if err != nil {
		return err
	}
	members, err := store.Count(app, "SELECT COUNT(*) FROM users WHERE created_at < {:at}", dbx.Params{"at": store.Stamp(at)})
	if err != nil {
		return err
	}
	var strikes []struct {
		User string `db:"user"`
		N    int    `db:"n"`
	}
	ladder := ladderOf(settings)
	err = app.DB().NewQuery(`SELECT p.user, COUNT(*) AS n FROM moderation_penalties p
		WHERE p.level IN ('warning','limited','suspended','banned') AND p.starts_at < {:at} AND p.starts_at > {:fade}
			AND (p.undone_at = '' OR p.undone_at >= {:at}) GROUP BY p.user`).
		Bind(dbx.Params{"at": store.Stamp(at), "fade": store.Stamp(at.Add(-ladder.Fade))}).All(&strikes)
	if err != nil {
		return fmt.Errorf("measure trust: %w", err)
	}
	if members == 0 {
		return nil
	}
	lost := 0
	for _, s := range strikes {
		lost += min(ladder.Start, ladder.Cost*s.N)
	}
	m.MeanTrust = float64(ladder.Start) - float64(lost)/float64(members)
	return nil
}

// listRecent lists the latest events.
func (m *Metrics) listRecent(app core.App, params dbx.Params) error {
	m.Recent = []Activity{}
	const (
		cases   = " FROM moderation_cases c WHERE "
		appeals = appealsWithCause + foreignAppeal + " AND "
		lately  = " >= {:from} AND at < {:to}"
	)
	err := app.DB().NewQuery("SELECT 'opened' AS what, c.kind AS kind, '' AS action, c.created_at AS at" + cases + decidableBy + " AND at" + lately +
		" UNION ALL SELECT 'decided', c.kind, c.action, c.resolved_at AS at" + cases + decidableBy + " AND c.status = 'resolved' AND at" + lately +
		" UNION ALL SELECT 'appealed', COALESCE(c.kind, ''), '', a.created_at AS at" + appeals + "at" + lately +
		" UNION ALL SELECT 'answered', COALESCE(c.kind, ''), a.status, a.decided_at AS at" + appeals + "a.status != 'pending' AND at" + lately +
		fmt.Sprintf(" ORDER BY at DESC LIMIT %d", mostRecent)).Bind(params).All(&m.Recent)
	if err != nil {
		return fmt.Errorf("list what happened: %w", err)
	}
	return nil
}

func (m *Metrics) measureCases(app core.App, params dbx.Params) error {
	var rows []struct {
		Kind    string  `db:"kind"`
		Action  string  `db:"action"`
		Seconds float64 `db:"seconds"`
	}
	err := app.DB().NewQuery(`SELECT c.kind, c.action, (julianday(c.resolved_at) - julianday(c.created_at)) * 86400 AS seconds
		FROM moderation_cases c WHERE c.status = 'resolved' AND c.resolved_at >= {:from} AND c.resolved_at < {:to} AND ` + decidableBy +
		" ORDER BY seconds").Bind(params).All(&rows)
	if err != nil {
		return fmt.Errorf("measure cases: %w", err)
	}
	flags, wrong, acted, caught := 0, 0, 0, 0
	var seconds []float64
	for _, row := range rows {
		seconds = append(seconds, row.Seconds)
		harmless := slices.Contains([]string{collections.ActDismiss, collections.ActApprove}, row.Action)
		if row.Kind == collections.CaseFlag {
			flags++
			if harmless {
				wrong++
			}
		}
		if !harmless && (row.Kind == collections.CaseFlag || row.Kind == collections.CaseReport) {
			acted++
			if row.Kind == collections.CaseFlag {
				caught++
			}
		}
	}
	m.MedianResolution, m.P95Resolution = quantile(seconds, 0.5), quantile(seconds, 0.95)
	m.FalsePositiveRate, m.CaughtAutomatically = share(wrong, flags), share(caught, acted)
	return nil
}

// countReasons leaves out reasons with so few reports that they could identify a person.
func (m *Metrics) countReasons(app core.App, params dbx.Params) error {
	var rows []struct {
		Reason string `db:"reason"`
		N      int    `db:"n"`
	}
	err := app.DB().NewQuery(`SELECT c.reason, COUNT(*) AS n FROM moderation_cases c WHERE c.kind = 'report'
		AND c.created_at >= {:from} AND c.created_at < {:to} AND ` + decidableBy + " GROUP BY c.reason").Bind(params).All(&rows)
	if err != nil {
		return fmt.Errorf("count reasons: %w", err)
	}
	m.ByReason = map[string]int{}
	for _, row := range rows {
		if row.N >= fewest {
			m.ByReason[row.Reason] = row.N
		}
	}
	return nil
}

// quantile is the nearest-rank quantile of values in ascending order, 0 for none.
func quantile(values []float64, q float64) float64 {
	if len(values) == 0 {
		return 0
	}
	return values[max(0, int(math.Ceil(q*float64(len(values))))-1)]
}

func share(part, whole int) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}
