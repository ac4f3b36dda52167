package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"
)

// The keys that notifications are signed with, sealed: the one of push notifications, those it took the place of, and the
// one of the links in mails.
func init() {
	m.Register(func(app core.App) error {
		keys := core.NewBaseCollection("notification_keys")
		keys.Fields.Add(
			choice("purpose", "push", "links"),
			text("public", 200),
			sealed("private"),
			date("retired_at"),
			createdAt(),
		)
		keys.Indexes = types.JSONArray[string]{
			"CREATE UNIQUE INDEX idx_notification_keys_current ON notification_keys (purpose) WHERE retired_at = ''",
		}
		if err := app.Save(keys); err != nil {
			return err
		}

		devices, err := app.FindCollectionByNameOrId("push_subscriptions")
		if err != nil {
			return err
		}
		devices.Fields.Add(
			hiddenText("host", 255),
			hiddenText("key", 15),
			hiddenWhole("failures"),
			date("last_success_at"),
		)
		return app.Save(devices)
	}, keepData)
}
