package collections

import (
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// What is stored tells the moment at which it was. Where a past is brought along, as in the sample data of `demo`, the
// functions here give it its own dates afterwards.

// Backdate makes a record one of an earlier time, the next time it is saved.
func Backdate(of core.RecordProxy, at time.Time) {
	record := of.ProxyRecord()
	for _, name := range []string{"created_at", "updated_at"} {
		if record.Collection().Fields.GetByName(name) != nil {
			record.SetRaw(name, stamp(at))
		}
	}
}

// BackdateMessage makes a stored message one of an earlier time, sealed with the key of that month.
func BackdateMessage(app core.App, m *Message, at time.Time) error {
	content, err := m.Unseal(app)
	if err != nil {
		return err
	}
	m.SetText(content)
	m.SetCreated(at)
	if err := m.Seal(app); err != nil {
		return err
	}
	return app.Save(m)
}

// BackdateSides makes a conversation, and every participant's side of it, as old as its messages.
func BackdateSides(app core.App, conversation string) error {
	params := dbx.Params{"conversation": conversation}
	err := exec(app, `UPDATE conversations SET (last_message_at, updated_at) =
		(SELECT MAX(created_at), MAX(created_at) FROM messages WHERE conversation = {:conversation})
		WHERE id = {:conversation}`, params)
	if err != nil {
		return err
	}
	return exec(app, `UPDATE conversation_participants AS p SET (latest_at, touched_at) =
		(SELECT MAX(m.created_at), MAX(m.created_at) FROM messages m WHERE m.conversation = p.conversation AND m.seq = p.latest_seq)
		WHERE p.conversation = {:conversation} AND p.latest_seq > 0`, params)
}
