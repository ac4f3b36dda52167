package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"
)

// Help requests: needs and offers. Who may see one is completed by the next migrations, which make what its rule asks for.
func init() {
	m.Register(func(app core.App) error {
		users, err := app.FindCollectionByNameOrId("users")
		if err != nil {
			return err
		}
		c := core.NewBaseCollection("help_requests")
		c.Fields.Add(
			part("user", users),
			choice("kind", "need", "offer"),
			text("title", 1_000),
			text("description", 20_000),
			text("category", 1_000),
			choice("urgency", "low", "normal", "urgent", "critical"),
			choice("status", "open", "in_progress", "fulfilled", "closed"),
			text("location", 1_000),
			createdAt(), updatedAt(),
		)
		c.Indexes = types.JSONArray[string]{
			"CREATE INDEX idx_help_requests_user ON help_requests (user, created_at)",
			"CREATE INDEX idx_help_requests_status ON help_requests (status, created_at)",
		}
		set(c, rules{create: when(member), update: mine("user"), remove: mine("user")})
		return app.Save(c)
	}, keepData)
}
