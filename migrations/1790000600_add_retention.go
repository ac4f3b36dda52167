package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// How long messages are kept: what two have agreed on for their conversation, what each of them wishes, and for a message
// that was written under such an agreement the moment at which it goes.
func init() {
	m.Register(func(app core.App) error {
		for name, field := range map[string]core.Field{
			"conversations":             hiddenWhole("retention_days"),
			"conversation_participants": hiddenWhole("retention_wish"),
		} {
			c, err := app.FindCollectionByNameOrId(name)
			if err != nil {
				return err
			}
			c.Fields.Add(field)
			if err := app.Save(c); err != nil {
				return err
			}
		}
		messages, err := app.FindCollectionByNameOrId("messages")
		if err != nil {
			return err
		}
		messages.Fields.Add(hiddenDate("expires_at"))
		messages.Indexes = append(messages.Indexes,
			"CREATE INDEX idx_messages_expires ON messages (expires_at) WHERE expires_at != ''")
		return app.Save(messages)
	}, keepData)
}
