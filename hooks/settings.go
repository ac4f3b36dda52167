package hooks

import (
	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/internal/bind"
)

func registerSettings(app core.App) {
	app.OnRecordUpdateRequest(collections.Settings).Bind(bind.Handler("messaging_settings.update.least", checkSettings))
}

// checkSettings prevents a mistake in the dashboard from locking everyone out.
func checkSettings(e *core.RecordRequestEvent) error {
	if err := collections.CheckLeast(e.Record); err != nil {
		return err
	}
	if err := collections.CheckLanguage(e.Record); err != nil {
		return err
	}
	return e.Next()
}
