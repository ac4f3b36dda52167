package moderation

import (
	"fmt"

	"github.com/pocketbase/pocketbase/core"
)

// WaitingCase is what an operator may know about a waiting case: facts, no text and no name.
type WaitingCase struct {
	ID        string `db:"id"`
	Kind      string `db:"kind"`
	Reason    string `db:"reason"` // only for reports; what screening and moderators say is not shown
	Reported  string `db:"reported"`
	Urgent    bool   `db:"urgent"`
	Burst     bool   `db:"burst"`
	Claimed   bool   `db:"claimed"`
	Escalated bool   `db:"escalated"`
	CreatedAt string `db:"created_at"`
}

// FindWaitingCases finds every undecided case, in the order in which moderators see them, and every open appeal.
func FindWaitingCases(app core.App) ([]WaitingCase, error) {
	var waiting []WaitingCase
	err := app.DB().NewQuery(`SELECT c.id, c.kind, CASE c.kind WHEN 'report' THEN c.reason ELSE '' END AS reason, c.reported, c.urgent, c.burst,
		c.claimed_by != '' AS claimed, c.escalated_at != '' AS escalated, c.created_at
		FROM moderation_cases c WHERE c.status = 'pending' ORDER BY ` + grouped + ", " + rank).All(&waiting)
	if err != nil {
		return nil, fmt.Errorf("find the cases that wait: %w", err)
	}
	var appeals []WaitingCase
	err = app.DB().NewQuery(`SELECT id, 'appeal' AS kind, user AS reported, escalated_at != '' AS escalated, created_at
		FROM moderation_appeals WHERE status = 'pending' ORDER BY created_at, id`).All(&appeals)
	if err != nil {
		return nil, fmt.Errorf("find the appeals that wait: %w", err)
	}
	return append(waiting, appeals...), nil
}
