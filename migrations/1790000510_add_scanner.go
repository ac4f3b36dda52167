package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// Where the operator's virus scanner listens.
func init() {
	m.Register(func(app core.App) error {
		settings, err := app.FindCollectionByNameOrId("messaging_settings")
		if err != nil {
			return err
		}
		settings.Fields.Add(&core.TextField{Name: "clamd_address", Max: 200, Pattern: `^(unix:/.+|tcp:.+:[0-9]+)?$`})
		return app.Save(settings)
	}, keepData)
}
