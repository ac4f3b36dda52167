package collections

import (
	"fmt"
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// Metrics are counts about a time frame: facts, no text, and no group so small that it names somebody.
type Metrics struct {
	Pending             int            `json:"pending"` // now
	ByReason            map[string]int `json:"by_reason"`
	Reports             int            `json:"reports"`
	MedianResolution    float64        `json:"median_resolution_seconds"`
	P95Resolution       float64        `json:"p95_resolution_seconds"`
	FalsePositiveRate   float64        `json:"false_positive_rate"` // flags that were dismissed or approved
	CaughtAutomatically float64        `json:"caught_automatically"`
	Appeals             int            `json:"appeals"`
	AppealsOverturned   int            `json:"appeals_overturned"`
	MeanTrust           float64        `json:"mean_trust_score"` // now
	ActiveConversations int            `json:"active_conversations"`
	Messages            int            `json:"messages"`
	HelpConnections     int            `json:"help_connections"`
	Recent              []Decision     `json:"recent"`
}

// Decision is one of the latest decisions, without anybody's name.
type Decision struct {
	Kind   string `json:"kind"   db:"kind"`
	Action string `json:"action" db:"action"`
	At     string `json:"at"     db:"resolved_at"`
}

// fewest is the smallest group that is told apart.
const fewest = 3

// Measure counts what happened from one moment to another, for a moderator who learns nothing of the cases that are
// their own.
func Measure(app core.App, moderator string, from, to time.Time) (*Metrics, error) {
	m := &Metrics{}
	params := dbx.Params{"from": Stamp(from), "to": Stamp(to), "moderator": moderator}
	const within = " >= {:from} AND created_at < {:to}"
	for into, query := range map[*int]string{
		&m.Pending:             "SELECT COUNT(*) FROM moderation_cases c WHERE c.status = 'pending' AND " + foreign,
		&m.Reports:             "SELECT COUNT(*) FROM message_reports WHERE reported != {:moderator} AND created_at" + within,
		&m.Appeals:             "SELECT COUNT(*) FROM moderation_appeals WHERE created_at" + within,
		&m.AppealsOverturned:   "SELECT COUNT(*) FROM moderation_appeals WHERE status = 'overturned' AND created_at" + within,
		&m.Messages:            "SELECT COUNT(*) FROM messages WHERE created_at" + within,
		&m.ActiveConversations: "SELECT COUNT(DISTINCT conversation) FROM messages WHERE created_at" + within,
		&m.HelpConnections:     "SELECT COUNT(*) FROM conversations WHERE help_request != '' AND created_at" + within,
	} {
		n, err := count(app, query, params)
		if err != nil {
			return nil, err
		}
		*into = n
	}
	if err := app.DB().NewQuery("SELECT COALESCE(AVG(trust_score), 0) FROM user_moderation").Row(&m.MeanTrust); err != nil {
		return nil, fmt.Errorf("measure trust: %w", err)
	}
	if err := m.measureCases(app, params); err != nil {
		return nil, err
	}
	m.Recent = []Decision{}
	err := app.DB().NewQuery("SELECT c.kind, c.action, c.resolved_at FROM moderation_cases c WHERE c.status = 'resolved' AND " +
		foreign + " AND c.resolved_at >= {:from} AND c.resolved_at < {:to} ORDER BY c.resolved_at DESC LIMIT 20").Bind(params).All(&m.Recent)
	if err != nil {
		return nil, fmt.Errorf("list decisions: %w", err)
	}
	return m, m.countReasons(app, params)
}

func (m *Metrics) measureCases(app core.App, params dbx.Params) error {
	var rows []struct {
		Kind    string  `db:"kind"`
		Action  string  `db:"action"`
		Seconds float64 `db:"seconds"`
	}
	err := app.DB().NewQuery(`SELECT kind, action, (julianday(resolved_at) - julianday(created_at)) * 86400 AS seconds
		FROM moderation_cases WHERE status = 'resolved' AND resolved_at >= {:from} AND resolved_at < {:to} ORDER BY seconds`).
		Bind(params).All(&rows)
	if err != nil {
		return fmt.Errorf("measure cases: %w", err)
	}
	flags, wrong, acted, caught := 0, 0, 0, 0
	var seconds []float64
	for _, row := range rows {
		seconds = append(seconds, row.Seconds)
		harmless := slices.Contains([]string{ActDismiss, ActApprove}, row.Action)
		if row.Kind == CaseFlag {
			flags++
			if harmless {
				wrong++
			}
		}
		if !harmless {
			acted++
			if row.Kind != CaseReport {
				caught++
			}
		}
	}
	m.MedianResolution, m.P95Resolution = quantile(seconds, 0.5), quantile(seconds, 0.95)
	m.FalsePositiveRate, m.CaughtAutomatically = share(wrong, flags), share(caught, acted)
	return nil
}

// countReasons leaves out the reasons that are too few to hide who is meant.
func (m *Metrics) countReasons(app core.App, params dbx.Params) error {
	var rows []struct {
		Reason string `db:"reason"`
		N      int    `db:"n"`
	}
	err := app.DB().NewQuery(`SELECT reason, COUNT(*) AS n FROM message_reports
		WHERE reported != {:moderator} AND created_at >= {:from} AND created_at < {:to} GROUP BY reason`).Bind(params).All(&rows)
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
	return values[min(int(q*float64(len(values))), len(values)-1)]
}

func share(part, whole int) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}
