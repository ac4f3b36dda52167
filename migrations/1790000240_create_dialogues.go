package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"
)

// Dialogues between the moderators and whoever reported or appealed, in which nobody is named; and the version of the
// guidelines that a member has accepted.
func init() {
	m.Register(func(app core.App) error {
		c := core.NewBaseCollection("moderation_dialogues")
		c.Fields.Add(
			choice("about", "report", "appeal"),
			text("subject", 15),
			text("member", 15),
			flag("by_moderators"),
			sealed("text"),
			createdAt(),
		)
		c.Indexes = types.JSONArray[string]{
			"CREATE INDEX idx_moderation_dialogues_subject ON moderation_dialogues (about, subject, created_at)",
		}
		if err := app.Save(c); err != nil {
			return err
		}
		users, err := app.FindCollectionByNameOrId("users")
		if err != nil {
			return err
		}
		users.Fields.Add(hiddenWhole("guidelines_version"))
		return app.Save(users)
	}, keepData)
}
