package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"
)

// Participants. The hidden fields are the viewer's own side of a conversation: the newest message that this one may see
// (latest_*), how many are unread, what the others may know of the reading (shared_*), and the request as it was made.
// concealed: somebody this member has blocked put them here; they see nothing of it.
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
		c := core.NewBaseCollection("conversation_participants")
		c.Fields.Add(
			part("conversation", conversations),
			part("user", users),
			choice("role", "member", "moderator"),
			choice("consent", "accepted", "pending", "declined"),
			date("joined_at"),
			date("left_at"),
			whole("last_read_seq"),
			whole("last_delivered_seq"),
			date("muted_until"),
			flag("archived"),
			hiddenWhole("unread"),
			hiddenWhole("latest_seq"),
			hiddenDate("latest_at"),
			hiddenDate("touched_at"),
			hiddenWhole("shared_read_seq"),
			hiddenWhole("shared_delivered_seq"),
			hiddenFlag("concealed"),
			hiddenText("invited_by", 15),
			hiddenDate("requested_at"),
			hiddenFlag("young_sender"),
		)
		c.Indexes = types.JSONArray[string]{
			"CREATE UNIQUE INDEX idx_participants_conversation ON conversation_participants (conversation, user)",
			"CREATE INDEX idx_participants_list ON conversation_participants (user, left_at, latest_at DESC, conversation)",
			"CREATE INDEX idx_participants_requests ON conversation_participants (user, requested_at) WHERE requested_at != ''",
			"CREATE INDEX idx_participants_invited_by ON conversation_participants (invited_by, requested_at) WHERE requested_at != ''",
		}
		const inIt = `conversation.conversation_participants_via_conversation.user ?= @request.auth.id` +
			` && conversation.conversation_participants_via_conversation.left_at ?= ""` +
			` && conversation.conversation_participants_via_conversation.concealed ?= false` +
			` && conversation.conversation_participants_via_conversation.consent ?!= "declined"`
		see := when(`(user = @request.auth.id && concealed = false) || (` + inIt + `)`)
		set(c, rules{list: see, view: see, update: mine("user")})
		if err := app.Save(c); err != nil {
			return err
		}

		const takesPart = `conversation_participants_via_conversation.user ?= @request.auth.id` +
			` && conversation_participants_via_conversation.left_at ?= ""` +
			` && conversation_participants_via_conversation.concealed ?= false` +
			` && conversation_participants_via_conversation.consent ?!= "declined"`
		set(conversations, rules{list: when(takesPart), view: when(takesPart)})
		if err := app.Save(conversations); err != nil {
			return err
		}

		requests, err := app.FindCollectionByNameOrId("help_requests")
		if err != nil {
			return err
		}
		// the owner; and, unless the owner has blocked the caller, everybody while it is open and those who talk about it
		seeRequest := when(member + ` && (user = @request.auth.id || (user.user_blocks_via_blocker.blocked != @request.auth.id` +
			` && (status = "open" || status = "in_progress"` +
			` || (conversations_via_help_request.conversation_participants_via_conversation.user ?= @request.auth.id` +
			` && conversations_via_help_request.conversation_participants_via_conversation.left_at ?= ""` +
			` && conversations_via_help_request.conversation_participants_via_conversation.concealed ?= false` +
			` && conversations_via_help_request.conversation_participants_via_conversation.consent ?!= "declined"))))`)
		requests.ListRule, requests.ViewRule = seeRequest, seeRequest
		return app.Save(requests)
	}, keepData)
}
