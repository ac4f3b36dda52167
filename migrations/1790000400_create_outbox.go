package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"
)

// What waits to be told, what was tried, and how far a member has been told of a conversation. A place that has something
// to tell of says so itself, so that a message is written by no more statements than before.
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
		places, err := app.FindCollectionByNameOrId("conversation_participants")
		if err != nil {
			return err
		}
		notices, err := app.FindCollectionByNameOrId("notifications")
		if err != nil {
			return err
		}

		places.Fields.Add(hiddenDate("notify_at"))
		places.AddIndex("idx_participants_notify", false, "notify_at", "notify_at != ''")
		if err := app.Save(places); err != nil {
			return err
		}

		notices.Fields.Add(whole("count"), hiddenFlag("silent"), updatedAt())
		shown := when(*mine("user") + ` && silent = false`)
		set(notices, rules{list: shown, view: shown, update: shown})
		if err := app.Save(notices); err != nil {
			return err
		}
		// What is there already was made once, and has not changed since.
		if _, err := app.DB().NewQuery("UPDATE notifications SET count = 1, updated_at = created_at").Execute(); err != nil {
			return err
		}

		marks := core.NewBaseCollection("notification_marks")
		marks.Fields.Add(
			part("conversation", conversations), part("user", users),
			whole("noticed_seq"), whole("mailed_seq"), date("mailed_at"), whole("mails"),
		)
		marks.AddIndex("idx_notification_marks_place", true, "conversation, user", "")
		marks.AddIndex("idx_notification_marks_user", false, "user", "")
		if err := app.Save(marks); err != nil {
			return err
		}

		outbox := core.NewBaseCollection("notification_outbox")
		outbox.Fields.Add(
			&core.RelationField{Name: "user", CollectionId: users.Id, MaxSelect: 1, CascadeDelete: true},
			&core.RelationField{Name: "notification", CollectionId: notices.Id, MaxSelect: 1, CascadeDelete: true},
			choice("kind", "event", "summary", "digest", "test", "farewell", "operator"),
			choice("channel", "push", "email", "webhook", "chat"),
			text("target", 15),
			text("lane", 255),
			&core.TextField{Name: "payload", Max: 20_000},
			whole("version"), whole("attempts"),
			date("due_at"), date("expires_at"),
			createdAt(),
		)
		outbox.Indexes = types.JSONArray[string]{
			"CREATE INDEX idx_notification_outbox_due ON notification_outbox (due_at)",
			"CREATE UNIQUE INDEX idx_notification_outbox_once ON notification_outbox (user, channel, target, kind, notification) WHERE kind != 'test' AND kind != 'operator'",
			"CREATE INDEX idx_notification_outbox_notification ON notification_outbox (notification) WHERE notification != ''",
		}
		if err := app.Save(outbox); err != nil {
			return err
		}

		attempts := core.NewBaseCollection("notification_deliveries")
		attempts.Fields.Add(
			&core.RelationField{Name: "user", CollectionId: users.Id, MaxSelect: 1, CascadeDelete: true},
			text("entry", 15), text("notification", 15),
			choice("kind", "event", "summary", "digest", "test", "farewell", "operator"),
			choice("channel", "push", "email", "webhook", "chat"),
			text("target", 15), text("lane", 255),
			whole("attempt"),
			choice("status", "sent", "retried", "failed", "dropped", "held"),
			text("error", 1_000),
			createdAt(),
		)
		attempts.Indexes = types.JSONArray[string]{
			"CREATE INDEX idx_notification_deliveries_user ON notification_deliveries (user, created_at)",
			"CREATE INDEX idx_notification_deliveries_created_at ON notification_deliveries (created_at)",
			"CREATE INDEX idx_notification_deliveries_entry ON notification_deliveries (entry)",
		}
		return app.Save(attempts)
	}, keepData)
}
