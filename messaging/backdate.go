package messaging

import (
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/internal/store"
)

// BackdateMessage gives a stored message an earlier time, and seals it with the key of that month.
func BackdateMessage(app core.App, m *collections.Message, at time.Time) error {
	content, err := m.Unseal(app)
	if err != nil {
		return err
	}
	m.SetText(content)
	m.SetCreated(at)
	if err := Seal(app, m); err != nil {
		return err
	}
	return app.Save(m)
}

// BackdateSides makes a conversation, and every participant's side of it, as old as its messages.
func BackdateSides(app core.App, conversation string) error {
	params := dbx.Params{"conversation": conversation}
	err := store.Exec(app, `UPDATE conversations SET (last_message_at, updated_at) =
		(SELECT MAX(created_at), MAX(created_at) FROM messages WHERE conversation = {:conversation})
		WHERE id = {:conversation}`, params)
	if err != nil {
		return err
	}
	return store.Exec(app, `UPDATE conversation_participants AS p SET (latest_at, touched_at) =
		(SELECT MAX(m.created_at), MAX(m.created_at) FROM messages m WHERE m.conversation = p.conversation AND m.seq = p.latest_seq)
		WHERE p.conversation = {:conversation} AND p.latest_seq > 0`, params)
}
