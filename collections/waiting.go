package collections

import (
	"fmt"

	"github.com/pocketbase/pocketbase/core"
)

// WaitingCase is what an operator may know of a case that waits: facts, no text and no name.
type WaitingCase struct {
	ID        string `db:"id"`
	Kind      string `db:"kind"`
	Reason    string `db:"reason"` // of a report; what screening and moderators say is theirs
	Reported  string `db:"reported"`
	Urgent    bool   `db:"urgent"`
	Burst     bool   `db:"burst"`
	Claimed   bool   `db:"claimed"`
	Escalated bool   `db:"escalated"`
	CreatedAt string `db:"created_at"`
}

// FindWaitingCases finds every case that nobody has decided yet, the urgent and oldest first.
func FindWaitingCases(app core.App) ([]WaitingCase, error) {
	var waiting []WaitingCase
	err := app.DB().NewQuery(`SELECT id, kind, CASE kind WHEN 'report' THEN reason ELSE '' END AS reason, reported, urgent, burst,
		claimed_by != '' AS claimed, escalated_at != '' AS escalated, created_at
		FROM moderation_cases WHERE status = 'pending' ORDER BY urgent DESC, created_at, id`).All(&waiting)
	if err != nil {
		return nil, fmt.Errorf("find the cases that wait: %w", err)
	}
	return waiting, nil
}
