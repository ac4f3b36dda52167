package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"
)

// Messaging preferences: one row a member.
func init() {
	m.Register(func(app core.App) error {
		users, err := app.FindCollectionByNameOrId("users")
		if err != nil {
			return err
		}
		c := core.NewBaseCollection("messaging_preferences")
		c.Fields.Add(
			part("user", users),
			choice("can_receive_from", "anyone", "help_connections", "nobody"),
			flag("auto_accept_help_requests"),
			flag("email_notifications"),
			flag("push_notifications"),
			&core.TextField{Name: "quiet_hours_start", Max: 5, Pattern: `^([01][0-9]|2[0-3]):[0-5][0-9]$`},
			&core.TextField{Name: "quiet_hours_end", Max: 5, Pattern: `^([01][0-9]|2[0-3]):[0-5][0-9]$`},
			flag("read_receipts"),
			flag("typing_indicators"),
			&core.NumberField{Name: "report_threshold", OnlyInt: true, Min: types.Pointer(1.0), Max: types.Pointer(100.0)},
			createdAt(), updatedAt(),
		)
		c.Indexes = types.JSONArray[string]{"CREATE UNIQUE INDEX idx_messaging_preferences_user ON messaging_preferences (user)"}
		set(c, rules{list: mine("user"), view: mine("user"), update: mine("user")})
		return app.Save(c)
	}, keepData)
}
