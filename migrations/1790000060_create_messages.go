package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"
)

// Messages. private_to: written for one alone (by somebody blocked, or held for a moderator), no row for anybody else.
// withheld_from: members for whom it is a tombstone. earlier_sealed: what blockers still see of a message edited since.
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
		requests, err := app.FindCollectionByNameOrId("help_requests")
		if err != nil {
			return err
		}
		c := core.NewBaseCollection("messages")
		c.Fields.Add(
			part("conversation", conversations),
			whole("seq"),
			relation("sender", users),
			relation("recipient", users),
			relation("help_request", requests),
			sealed("content"),
			choice("message_type", "text", "system", "help_request_update"),
			sealed("attachments"),
			choice("status", "sent", "delivered", "read", "failed"),
			date("read_at"),
			date("edited_at"),
			hiddenFlag("is_flagged"),
			hiddenText("flagged_reason", 2_000),
			choice("moderation_status", "pending", "approved", "hidden", "removed"),
			date("deleted_at"),
			hiddenText("private_to", 15),
			&core.JSONField{Name: "withheld_from", Hidden: true},
			sealed("earlier"),
			hiddenDate("changed_at"),
			createdAt(), updatedAt(),
		)
		if err := app.Save(c); err != nil {
			return err
		}
		c.Fields.Add(relation("reply_to", c))
		c.Indexes = types.JSONArray[string]{
			"CREATE UNIQUE INDEX idx_messages_seq ON messages (conversation, seq) WHERE seq > 0",
			"CREATE INDEX idx_messages_conversation ON messages (conversation, seq, sender, private_to)",
			"CREATE INDEX idx_messages_changed ON messages (conversation, changed_at) WHERE changed_at != ''",
			"CREATE INDEX idx_messages_sender ON messages (sender, created_at)",
			"CREATE INDEX idx_messages_flagged ON messages (is_flagged, moderation_status) WHERE is_flagged = TRUE",
			"CREATE INDEX idx_messages_reply_to ON messages (reply_to) WHERE reply_to != ''",
			"CREATE INDEX idx_messages_help_request ON messages (help_request) WHERE help_request != ''",
			"CREATE INDEX idx_messages_recipient ON messages (recipient) WHERE recipient != ''",
		}
		const p = `conversation.conversation_participants_via_conversation.`
		see := when(p + `user ?= @request.auth.id && ` + p + `left_at ?= "" && ` + p + `concealed ?= false` +
			` && (` + p + `consent ?= "accepted" || (` + p + `consent ?= "pending" && seq = 1))` +
			` && (private_to = "" || private_to = @request.auth.id)`)
		set(c, rules{list: see, view: see, create: when(member), update: mine("sender"), remove: mine("sender")})
		return app.Save(c)
	}, keepData)
}
