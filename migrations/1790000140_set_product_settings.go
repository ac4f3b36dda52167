package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// The product's own settings: its name, and logs that keep neither addresses nor who it was.
func init() {
	m.Register(func(app core.App) error {
		settings := app.Settings()
		settings.Meta.AppName = "Care Collective"
		settings.Meta.SenderName = "Care Collective"
		settings.Logs.LogIP = false
		settings.Logs.LogAuthId = false
		settings.RateLimits.Enabled = false
		settings.Batch.Enabled = false
		return app.Save(settings)
	}, func(core.App) error { return nil })
}
