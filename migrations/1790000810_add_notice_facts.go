package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// What a notification is about, from which its title and body are written in the language of whoever reads it, and what it
// opens. Rows from before keep the title and body that they were stored with.
func init() {
	m.Register(func(app core.App) error {
		c, err := app.FindCollectionByNameOrId("notifications")
		if err != nil {
			return err
		}
		c.Fields.Add(
			&core.JSONField{Name: "facts", MaxSize: 4 << 10},
			text("subject_type", 64),
			text("subject", 64),
		)
		return app.Save(c)
	}, keepData)
}
