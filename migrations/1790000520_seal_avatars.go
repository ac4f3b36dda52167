package migrations

import (
	"fmt"

	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// Avatars are stored sealed, so that what is stored is no picture.
func init() {
	m.Register(func(app core.App) error {
		users, err := app.FindCollectionByNameOrId("users")
		if err != nil {
			return err
		}
		avatar, ok := users.Fields.GetByName("avatar").(*core.FileField)
		if !ok {
			return fmt.Errorf("users.avatar is no file field")
		}
		avatar.MimeTypes = nil
		return app.Save(users)
	}, keepData)
}
