package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// The pictures of messages: bundle is the folder of the storage in which a message's lie.
func init() {
	m.Register(func(app core.App) error {
		messages, err := app.FindCollectionByNameOrId("messages")
		if err != nil {
			return err
		}
		messages.Fields.Add(hiddenText("bundle", 15))
		messages.AddIndex("idx_messages_bundle", false, "bundle", "bundle != ''")
		return app.Save(messages)
	}, keepData)
}
