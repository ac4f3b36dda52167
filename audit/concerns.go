package audit

import (
	"fmt"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/internal/store"
)

// Concern is one entry of the audit log as it is shown to the member whom it concerns.
type Concern struct {
	ID      string `db:"id"          json:"id"`
	Action  string `db:"action_type" json:"action_type"`
	Message string `db:"message"     json:"message"`
	By      string `db:"by"          json:"by"` // "you" or "moderator": nobody is named
	At      string `db:"created_at"  json:"created_at"`
}

// Concerns are the positions of the audit log entries that a member is shown, and nothing else:
//
//   - what they did themselves, except the work of moderators;
//   - for a case that they reported: each look at it, and its decision;
//   - for their own messages: each look, once a decision against them was made, or if they were held, as they know. Before, and if a
//     report is dismissed, a look would reveal that someone has reported them; in a direct conversation also who;
//   - decisions about them, as far as they are told.
//
// It never includes what others read or received.
const Concerns = `
	SELECT l.position, 'you' AS by FROM message_audit_log l
	WHERE l.user = {:user} AND l.action_type NOT IN ('moderated', 'viewed_by_moderator')
	UNION ALL
	SELECT l.position, 'moderator' FROM message_audit_log l
	LEFT JOIN moderation_cases c ON c.id = json_extract(l.metadata, '$.case')
	WHERE (l.action_type = 'moderated' OR l.action_type = 'viewed_by_moderator') AND l.user != {:user}
		AND COALESCE(json_extract(l.metadata, '$.action'), '') NOT LIKE 'propose\_%' ESCAPE '\' AND (
			(c.kind = 'report' AND c.reporter = {:user})
			OR (c.reported = {:user} AND l.action_type = 'viewed_by_moderator' AND l.message != ''
				AND (c.kind = 'held' OR (c.status = 'resolved' AND c.action NOT IN ('dismiss', 'approve'))))
			OR (c.reported = {:user} AND l.action_type = 'moderated' AND json_extract(l.metadata, '$.action') NOT IN ('dismiss', 'approve'))
			OR json_extract(l.metadata, '$.user') = {:user}
			OR EXISTS (SELECT 1 FROM moderation_appeals a WHERE a.id = json_extract(l.metadata, '$.appeal') AND a.user = {:user}))`

// FindConcerns finds a page of the entries that concern a member, the newest first, and their number.
func FindConcerns(app core.App, user string, limit, offset int) ([]Concern, int, error) {
	page := []Concern{}
	err := app.DB().NewQuery(`SELECT l.id, l.action_type, l.message, q.by, l.created_at FROM (` + Concerns + `
		ORDER BY 1 DESC LIMIT {:limit} OFFSET {:offset}) q JOIN message_audit_log l ON l.position = q.position ORDER BY l.position DESC`).
		Bind(dbx.Params{"user": user, "limit": limit, "offset": offset}).All(&page)
	if err != nil {
		return nil, 0, fmt.Errorf("find what the audit log holds about a member: %w", err)
	}
	total, err := store.Count(app, "SELECT COUNT(*) FROM ("+Concerns+")", dbx.Params{"user": user})
	return page, total, err
}
