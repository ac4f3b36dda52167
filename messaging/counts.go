package messaging

import (
	"fmt"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/internal/store"
)

// Recount recomputes the unread count and the newest visible message from the messages themselves.
func Recount(app core.App, p *collections.Participant) error {
	var row struct {
		Unread int    `db:"unread"`
		Seq    int    `db:"seq"`
		At     string `db:"at"`
	}
	params := VisibleParams(p)
	params["read"], params["latest"] = p.LastReadSeq(), p.LatestSeq()
	err := app.DB().NewQuery(`SELECT
			COALESCE(SUM(seq > {:read} AND sender != {:viewer} AND ` + byViewer.Legible() + `), 0) AS unread,
			COALESCE(MAX(seq), 0) AS seq, COALESCE(MAX(created_at), '') AS at
		FROM messages WHERE ` + byViewer.Between("MIN({:read}, {:latest})", "{:reach}") + " AND " + byViewer.NotWithheld(),
	).Bind(params).One(&row)
	if err != nil {
		return fmt.Errorf("recount: %w", err)
	}
	p.Set(collections.FieldUnread, row.Unread)
	if row.Seq > p.LatestSeq() {
		p.Set(collections.FieldLatestSeq, row.Seq)
		p.Set(collections.FieldLatestAt, row.At)
	}
	return nil
}

// CountMessage updates the participants' rows for a new message, and marks that they have to be notified: one statement,
// however many there are. Nothing changes for those to whom it is a tombstone.
func CountMessage(app core.App, m *collections.Message) error {
	params := boundTo(m)
	params["at"], params["tell"] = m.CreatedAt(), m.Type() != collections.TypeSystem
	return store.Exec(app, `UPDATE conversation_participants SET
			latest_seq = {:seq}, latest_at = {:at}, touched_at = {:at},
			unread = unread + (user != {:sender}),
			notify_at = CASE WHEN {:tell} AND user != {:sender} AND notify_at = '' THEN {:at} ELSE notify_at END
		WHERE conversation = {:conversation} AND `+wholeTo, params)
}

// wholeTo is true of the participants who see the message of [boundTo] in full. It is written once, because every message uses it.
var wholeTo = func(rule Rule) string { return rule.Sees() + " AND " + rule.Seen() + " AND " + rule.Legible() }(Rule{Message: Bound})

// RecountAll recomputes every participant's unread count, after a message ceased to count.
func RecountAll(app core.App, conversation string) error {
	rule := Rule{Participant: "p", Message: "m"}
	return store.Exec(app, `UPDATE conversation_participants AS p SET unread = (
			SELECT COUNT(*) FROM messages m WHERE m.conversation = p.conversation AND m.seq > p.last_read_seq
				AND m.sender != p.user AND `+rule.Seen()+" AND "+rule.Legible()+`)
		WHERE p.conversation = {:conversation} AND p.unread > 0`,
		dbx.Params{"conversation": conversation})
}
