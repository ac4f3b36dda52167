package moderation

import (
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/internal/store"
)

// Day holds the counts of 24 hours.
type Day struct {
	From                string `json:"from"`
	Messages            int    `json:"messages"`
	ActiveConversations int    `json:"active_conversations"`
	Reports             int    `json:"reports"`
	HelpConnections     int    `json:"help_connections"`
}

// MeasureDaily counts each of the days before a time, the earliest first, for a moderator, who learns nothing of their
// own cases.
func MeasureDaily(app core.App, moderator string, days int, to time.Time) ([]Day, error) {
	series := make([]Day, days)
	for i := range series {
		series[i].From = store.Stamp(to.AddDate(0, 0, i-days))
	}
	params := dbx.Params{"from": series[0].From, "to": store.Stamp(to), "last": days - 1, "moderator": moderator}
	for _, q := range []struct {
		from string
		into func(*Day) *int
		what string
	}{
		{"messages c WHERE c.message_type = 'text' AND ", func(d *Day) *int { return &d.Messages }, "COUNT(*)"},
		{"messages c WHERE c.message_type = 'text' AND ", func(d *Day) *int { return &d.ActiveConversations }, "COUNT(DISTINCT c.conversation)"},
		{"moderation_cases c WHERE c.kind = 'report' AND " + decidableBy + " AND ", func(d *Day) *int { return &d.Reports }, "COUNT(*)"},
		{"conversations c WHERE c.help_request != '' AND ", func(d *Day) *int { return &d.HelpConnections }, "COUNT(*)"},
	} {
		var rows []struct {
			Day int `db:"day"`
			N   int `db:"n"`
		}
		err := app.DB().NewQuery("SELECT MIN(CAST(julianday(c.created_at) - julianday({:from}) AS INTEGER), {:last}) AS day, " + q.what +
			" AS n FROM " + q.from + "c.created_at >= {:from} AND c.created_at < {:to} GROUP BY day").Bind(params).All(&rows)
		if err != nil {
			return nil, fmt.Errorf("measure days: %w", err)
		}
		for _, row := range rows {
			*q.into(&series[row.Day]) = row.N
		}
	}
	return series, nil
}
