package migrations

import (
	"strings"

	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// The mails to members about their addresses and passwords lead to the members' client, not to the dashboard, whatever else an
// operator has written in them.
func init() {
	const dashboard, client = "{APP_URL}/_/#/auth/", "{APP_URL}/auth/"
	relink := func(from, to string) func(core.App) error {
		return func(app core.App) error {
			users, err := app.FindCollectionByNameOrId("users")
			if err != nil {
				return err
			}
			for _, template := range []*core.EmailTemplate{&users.VerificationTemplate, &users.ResetPasswordTemplate, &users.ConfirmEmailChangeTemplate} {
				template.Body = strings.ReplaceAll(template.Body, from, to)
			}
			return app.Save(users)
		}
	}
	m.Register(relink(dashboard, client), relink(client, dashboard))
}
