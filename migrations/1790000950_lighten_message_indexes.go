package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// Each index costs a message one to one and a half pages of the write-ahead log. Nothing searches messages by recipient. The audit log's
// indexes by user and by message leave out the entries about sending, which have the id of their message instead.
func init() {
	m.Register(func(app core.App) error {
		_, err := app.DB().NewQuery(`UPDATE message_audit_log AS l SET id = l.message WHERE l.action_type = 'sent'
			AND EXISTS (SELECT 1 FROM messages WHERE id = l.message)
			AND l.position = (SELECT MIN(o.position) FROM message_audit_log o WHERE o.action_type = 'sent' AND o.message = l.message)`).Execute()
		if err != nil {
			return err
		}
		return indexMessages(app, "action_type != 'sent'", func(messages *core.Collection) { messages.RemoveIndex("idx_messages_recipient") })
	}, func(app core.App) error {
		return indexMessages(app, "", func(messages *core.Collection) {
			messages.AddIndex("idx_messages_recipient", false, "recipient", "recipient != ''")
		})
	})
}

// indexMessages changes the indexes of messages, and those of the audit log by user and by message to cover the entries that meet a condition.
func indexMessages(app core.App, entries string, change func(messages *core.Collection)) error {
	messages, err := app.FindCollectionByNameOrId("messages")
	if err != nil {
		return err
	}
	change(messages)
	if err := app.Save(messages); err != nil {
		return err
	}
	log, err := app.FindCollectionByNameOrId("message_audit_log")
	if err != nil {
		return err
	}
	log.AddIndex("idx_message_audit_log_user", false, "user, position", entries)
	log.AddIndex("idx_message_audit_log_message", false, "message, position", entries)
	return app.Save(log)
}
