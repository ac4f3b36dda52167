package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"
)

// Accounts that their owners want erased, until that is done; and the mark on what is left of one.
func init() {
	m.Register(func(app core.App) error {
		c := core.NewBaseCollection("erasures")
		c.Fields.Add(
			text("user", 15),
			date("erase_at"),
			date("begun_at"),
			createdAt(),
		)
		c.Indexes = types.JSONArray[string]{
			"CREATE UNIQUE INDEX idx_erasures_user ON erasures (user)",
			"CREATE INDEX idx_erasures_erase_at ON erasures (erase_at)",
		}
		if err := app.Save(c); err != nil {
			return err
		}
		users, err := app.FindCollectionByNameOrId("users")
		if err != nil {
			return err
		}
		users.Fields.Add(hiddenDate("erased_at"))
		return app.Save(users)
	}, keepData)
}
