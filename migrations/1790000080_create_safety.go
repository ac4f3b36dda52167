package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"
)

// Safety: reports, each member's standing, appeals and the audit log. Their members' ids in the audit log are plain
// text, so that erasing somebody rewrites nothing.
func init() {
	m.Register(func(app core.App) error {
		users, err := app.FindCollectionByNameOrId("users")
		if err != nil {
			return err
		}
		messages, err := app.FindCollectionByNameOrId("messages")
		if err != nil {
			return err
		}

		reports := core.NewBaseCollection("message_reports")
		reports.Fields.Add(
			relation("message", messages),
			choice("subject_type", "message", "user", "help_request", "conversation"),
			text("subject", 15),
			relation("reported_by", users),
			choice("reason", "spam", "harassment", "inappropriate", "scam", "other"),
			sealed("description"), sealed("evidence"),
			hiddenText("reported", 15),
			choice("status", "pending", "reviewed", "dismissed", "action_taken"),
			date("reviewed_at"),
			relation("reviewed_by", users),
			createdAt(),
		)
		reports.Indexes = types.JSONArray[string]{
			"CREATE UNIQUE INDEX idx_message_reports_once ON message_reports (reported_by, subject_type, subject)",
			"CREATE INDEX idx_message_reports_status ON message_reports (status, created_at)",
			"CREATE INDEX idx_message_reports_reported ON message_reports (reported, status, reviewed_at)",
		}
		set(reports, rules{list: mine("reported_by"), view: mine("reported_by")})
		if err := app.Save(reports); err != nil {
			return err
		}

		standings := core.NewBaseCollection("user_moderation")
		standings.Fields.Add(
			part("user", users),
			whole("reports_received"), whole("reports_verified"), whole("trust_score"),
			choice("restriction_level", "none", "limited", "suspended", "banned"),
			flag("can_send_messages"), flag("can_start_conversations"), flag("requires_pre_approval"),
			whole("message_limit_per_day"),
			date("restricted_until"),
			text("reason", 4_000),
			createdAt(), updatedAt(),
		)
		standings.Indexes = types.JSONArray[string]{
			"CREATE UNIQUE INDEX idx_user_moderation_user ON user_moderation (user)",
			"CREATE INDEX idx_user_moderation_updated_at ON user_moderation (updated_at)",
		}
		if err := app.Save(standings); err != nil {
			return err
		}

		appeals := core.NewBaseCollection("moderation_appeals")
		appeals.Fields.Add(
			part("user", users),
			sealed("text"),
			choice("status", "pending", "upheld", "overturned"),
			relation("decided_by", users),
			date("decided_at"),
			text("note", 20_000),
			createdAt(),
		)
		appeals.Indexes = types.JSONArray[string]{
			"CREATE INDEX idx_moderation_appeals_user ON moderation_appeals (user, created_at)",
			"CREATE INDEX idx_moderation_appeals_status ON moderation_appeals (status, created_at)",
		}
		set(appeals, rules{list: mine("user"), view: mine("user")})
		if err := app.Save(appeals); err != nil {
			return err
		}

		log := core.NewBaseCollection("message_audit_log")
		log.Fields.Add(
			text("message", 15),
			choice("action_type", "sent", "delivered", "read", "reported", "deleted", "moderated", "edited", "viewed_by_moderator"),
			text("user", 15),
			&core.JSONField{Name: "metadata", MaxSize: 64 << 10},
			whole("position"),
			text("hash", 64),
			createdAt(),
		)
		log.Indexes = types.JSONArray[string]{
			"CREATE UNIQUE INDEX idx_message_audit_log_position ON message_audit_log (position)",
			"CREATE INDEX idx_message_audit_log_user ON message_audit_log (user, position)",
			"CREATE INDEX idx_message_audit_log_message ON message_audit_log (message, position)",
		}
		return app.Save(log)
	}, keepData)
}
