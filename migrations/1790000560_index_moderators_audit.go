package migrations

import (
	"slices"

	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// What moderators looked at and decided is a small part of the audit log. An index of it alone lets members see what concerns them, and costs
// a message nothing.
func init() {
	const name = "idx_message_audit_log_moderators"
	const index = "CREATE INDEX " + name + " ON message_audit_log (position) WHERE action_type = 'moderated' OR action_type = 'viewed_by_moderator'"
	m.Register(func(app core.App) error {
		log, err := app.FindCollectionByNameOrId("message_audit_log")
		if err != nil {
			return err
		}
		if !slices.Contains(log.Indexes, index) {
			log.Indexes = append(log.Indexes, index)
		}
		return app.Save(log)
	}, func(app core.App) error {
		log, err := app.FindCollectionByNameOrId("message_audit_log")
		if err != nil {
			return err
		}
		log.RemoveIndex(name)
		return app.Save(log)
	})
}
