package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"
)

// What members have asked to take away with them. The file itself lies sealed in the data directory, for a day.
func init() {
	m.Register(func(app core.App) error {
		users, err := app.FindCollectionByNameOrId("users")
		if err != nil {
			return err
		}
		c := core.NewBaseCollection("exports")
		c.Fields.Add(
			part("user", users),
			choice("status", "running", "ready", "failed"),
			whole("progress"),
			hiddenWhole("size"),
			date("expires_at"),
			createdAt(),
			updatedAt(),
		)
		c.Indexes = types.JSONArray[string]{
			"CREATE INDEX idx_exports_user ON exports (user, created_at)",
			"CREATE INDEX idx_exports_status ON exports (status, created_at)",
		}
		return app.Save(c)
	}, keepData)
}
