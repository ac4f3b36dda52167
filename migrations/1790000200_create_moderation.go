package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"
)

// Moderation: penalties, each a row of its own from which a member's standing is derived, and the cases that moderators
// work on. Ids of people are plain text, so that erasing somebody rewrites nothing.
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
		reports, err := app.FindCollectionByNameOrId("message_reports")
		if err != nil {
			return err
		}

		penalties := core.NewBaseCollection("moderation_penalties")
		penalties.Fields.Add(
			part("user", users),
			choice("level", "warning", "limited", "suspended", "banned"),
			text("cause", 15),
			text("reason", 4_000),
			text("imposed_by", 15),
			date("starts_at"),
			date("ends_at"),
			text("undone_by", 15),
			date("undone_at"),
			createdAt(),
		)
		penalties.Indexes = types.JSONArray[string]{
			"CREATE INDEX idx_moderation_penalties_user ON moderation_penalties (user, starts_at)",
			"CREATE INDEX idx_moderation_penalties_cause ON moderation_penalties (cause)",
		}
		if err := app.Save(penalties); err != nil {
			return err
		}

		cases := core.NewBaseCollection("moderation_cases")
		cases.Fields.Add(
			choice("kind", "report", "flag", "held", "ban"),
			relation("report", reports),
			relation("message", messages),
			text("reported", 15),
			text("reporter", 15),
			text("reason", 2_000),
			flag("urgent"),
			flag("burst"),
			date("escalated_at"),
			text("claimed_by", 15),
			date("claimed_at"),
			choice("status", "pending", "resolved"),
			text("action", 20),
			text("note", 20_000),
			text("proposed", 20),
			text("proposed_by", 15),
			text("resolved_by", 15),
			date("resolved_at"),
			createdAt(),
		)
		cases.Indexes = types.JSONArray[string]{
			"CREATE INDEX idx_moderation_cases_queue ON moderation_cases (status, urgent DESC, created_at)",
			"CREATE INDEX idx_moderation_cases_reported ON moderation_cases (reported, created_at)",
			"CREATE UNIQUE INDEX idx_moderation_cases_report ON moderation_cases (report) WHERE report != ''",
			"CREATE INDEX idx_moderation_cases_message ON moderation_cases (message) WHERE message != ''",
		}
		if err := app.Save(cases); err != nil {
			return err
		}

		appeals, err := app.FindCollectionByNameOrId("moderation_appeals")
		if err != nil {
			return err
		}
		appeals.Fields.Add(hiddenText("penalty", 15))
		appeals.AddIndex("idx_moderation_appeals_penalty", true, "penalty", "penalty != ''")
		return app.Save(appeals)
	}, keepData)
}
