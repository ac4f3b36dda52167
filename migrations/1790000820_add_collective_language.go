package migrations

import (
	"fmt"

	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// The collective's language: that of everyone who has not chosen one.
func init() {
	m.Register(func(app core.App) error {
		c, err := app.FindCollectionByNameOrId("messaging_settings")
		if err != nil {
			return err
		}
		c.Fields.Add(text("language", 35))
		if err := app.Save(c); err != nil {
			return err
		}
		record, err := app.FindRecordById(c, "settings0000000")
		if err != nil {
			return fmt.Errorf("find the settings: %w", err)
		}
		record.Set("language", "en")
		return app.Save(record)
	}, keepData)
}
