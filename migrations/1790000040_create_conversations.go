package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"
)

// Conversations. pair is "idA:idB" in order for a direct one, so that the conversations of two are found by an index.
// The rules come with the participants, which they ask for.
func init() {
	m.Register(func(app core.App) error {
		users, err := app.FindCollectionByNameOrId("users")
		if err != nil {
			return err
		}
		requests, err := app.FindCollectionByNameOrId("help_requests")
		if err != nil {
			return err
		}
		c := core.NewBaseCollection("conversations")
		c.Fields.Add(
			choice("kind", "direct", "group", "community"),
			relation("help_request", requests),
			relation("created_by", users),
			sealed("title"),
			choice("status", "active", "closed"),
			whole("last_seq"),
			date("last_message_at"),
			hiddenText("pair", 40),
			createdAt(), updatedAt(),
		)
		c.Indexes = types.JSONArray[string]{
			"CREATE INDEX idx_conversations_pair ON conversations (pair, status) WHERE pair != ''",
			"CREATE INDEX idx_conversations_help_request ON conversations (help_request) WHERE help_request != ''",
		}
		return app.Save(c)
	}, keepData)
}
