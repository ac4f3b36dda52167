package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// An appeal that waits too long is told to the moderators once, as a case is.
func init() {
	m.Register(func(app core.App) error {
		appeals, err := app.FindCollectionByNameOrId("moderation_appeals")
		if err != nil {
			return err
		}
		appeals.Fields.Add(hiddenDate("escalated_at"))
		return app.Save(appeals)
	}, keepData)
}
