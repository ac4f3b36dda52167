package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"
)

// Notifications and the devices that are told of them.
func init() {
	m.Register(func(app core.App) error {
		users, err := app.FindCollectionByNameOrId("users")
		if err != nil {
			return err
		}
		conversations, err := app.FindCollectionByNameOrId("conversations")
		if err != nil {
			return err
		}
		messages, err := app.FindCollectionByNameOrId("messages")
		if err != nil {
			return err
		}

		notifications := core.NewBaseCollection("notifications")
		notifications.Fields.Add(
			part("user", users),
			text("type", 64), text("title", 1_000), text("body", 4_000),
			relation("conversation", conversations),
			relation("message", messages),
			date("read_at"),
			createdAt(),
		)
		notifications.Indexes = types.JSONArray[string]{
			"CREATE INDEX idx_notifications_user ON notifications (user, created_at)",
			"CREATE INDEX idx_notifications_message ON notifications (message) WHERE message != ''",
			"CREATE INDEX idx_notifications_conversation ON notifications (conversation) WHERE conversation != ''",
		}
		set(notifications, rules{list: mine("user"), view: mine("user"), update: mine("user")})
		if err := app.Save(notifications); err != nil {
			return err
		}

		devices := core.NewBaseCollection("push_subscriptions")
		devices.Fields.Add(
			part("user", users),
			sealed("endpoint"), sealed("p256dh"), sealed("auth"),
			hiddenText("endpoint_hash", 64),
			text("user_agent", 400),
			createdAt(),
		)
		devices.Indexes = types.JSONArray[string]{
			"CREATE UNIQUE INDEX idx_push_subscriptions_endpoint ON push_subscriptions (user, endpoint_hash)",
		}
		set(devices, rules{list: mine("user"), view: mine("user"), create: when(member), remove: mine("user")})
		return app.Save(devices)
	}, keepData)
}
