package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"
)

// Contact exchanges. private_to: asked by somebody the owner has blocked. ended_for: the one of the two for whom a block
// has ended it, while the other's view stays.
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
		c := core.NewBaseCollection("contact_exchanges")
		c.Fields.Add(
			part("conversation", conversations),
			part("requester", users),
			part("owner", users),
			choice("type", "phone", "email"),
			choice("status", "pending", "agreed", "declined", "withdrawn"),
			sealed("value"),
			hiddenText("private_to", 15),
			hiddenText("ended_for", 15),
			hiddenDate("agreed_at"),
			createdAt(), updatedAt(),
		)
		c.Indexes = types.JSONArray[string]{
			"CREATE INDEX idx_contact_exchanges_conversation ON contact_exchanges (conversation, owner, type, status)",
			"CREATE INDEX idx_contact_exchanges_requester ON contact_exchanges (requester, created_at)",
			"CREATE INDEX idx_contact_exchanges_owner ON contact_exchanges (owner, created_at)",
		}
		see := when(`(requester = @request.auth.id || owner = @request.auth.id) && (private_to = "" || private_to = @request.auth.id) && ` + member)
		set(c, rules{list: see, view: see})
		return app.Save(c)
	}, keepData)
}
