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
	err := app.DB().NewQuery(`SELECT
			COALESCE(SUM(seq > {:read} AND sender != {:user} AND deleted_at = '' AND moderation_status NOT IN ('hidden','removed')), 0) AS unread,
			COALESCE(MAX(seq), 0) AS seq, COALESCE(MAX(created_at), '') AS at
		FROM messages
		WHERE conversation = {:conversation} AND seq > MIN({:read}, {:latest}) AND seq <= {:until}
			AND (private_to = '' OR private_to = {:user}) AND ` + NotWithheld,
	).Bind(dbx.Params{
		"conversation": p.Conversation(), "user": p.User(), "read": p.LastReadSeq(), "latest": p.LatestSeq(),
		"until": p.Reach(),
	}).One(&row)
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

// NotWithheld is true of a row of messages that is not withheld from {:user}.
const NotWithheld = `(withheld_from IS NULL OR withheld_from = '' OR instr(withheld_from, {:user}) = 0)`

// CountMessage updates the participants' rows for a new message, and marks that they have to be notified: one statement,
// however many there are.
func CountMessage(app core.App, m *collections.Message) error {
	return store.Exec(app, `UPDATE conversation_participants SET
			latest_seq = {:seq}, latest_at = {:at}, touched_at = {:at},
			unread = unread + (user != {:sender}),
			notify_at = CASE WHEN {:tell} AND user != {:sender} AND notify_at = '' THEN {:at} ELSE notify_at END
		WHERE conversation = {:conversation} AND left_at = '' AND concealed = FALSE
			AND (consent = 'accepted' OR (consent = 'pending' AND {:seq} = 1))
			AND ({:private} = '' OR user = {:private}) AND instr({:withheld}, user) = 0`,
		dbx.Params{
			"conversation": m.Conversation(), "seq": m.Seq(), "at": m.CreatedAt(), "sender": m.Sender(),
			"private": m.PrivateTo(), "withheld": m.WithheldText(), "tell": m.Type() != collections.TypeSystem,
		})
}

// RecountAll recomputes every participant's unread count, after a message ceased to count.
func RecountAll(app core.App, conversation string) error {
	return store.Exec(app, `UPDATE conversation_participants AS p SET unread = (
			SELECT COUNT(*) FROM messages m WHERE m.conversation = p.conversation AND m.seq > p.last_read_seq
				AND m.sender != p.user AND m.deleted_at = '' AND m.moderation_status NOT IN ('hidden','removed')
				AND (m.private_to = '' OR m.private_to = p.user) AND (p.consent = 'accepted' OR m.seq = 1)
				AND (m.withheld_from IS NULL OR instr(m.withheld_from, p.user) = 0))
		WHERE p.conversation = {:conversation} AND p.unread > 0`,
		dbx.Params{"conversation": conversation})
}
