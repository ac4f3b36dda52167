package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// What a member is told of, by which channel, in how many words, and who may disturb quiet hours. The hidden fields are
// what the server knows of the channels: which one stands in for another, and whether the address refuses mails.
func init() {
	m.Register(func(app core.App) error {
		c, err := app.FindCollectionByNameOrId("messaging_preferences")
		if err != nil {
			return err
		}
		users, err := app.FindCollectionByNameOrId("users")
		if err != nil {
			return err
		}
		c.Fields.Add(
			&core.JSONField{Name: "notify", MaxSize: 4_096},
			flag("show_text"),
			&core.RelationField{Name: "let_through", CollectionId: users.Id, MaxSelect: 20},
			flag("let_through_urgent"),
			&core.SelectField{Name: "stand_in", Values: []string{"push", "email"}, MaxSelect: 1, Hidden: true},
			hiddenDate("email_failed_at"),
		)
		return app.Save(c)
	}, keepData)
}
