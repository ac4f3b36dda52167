package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// Members: PocketBase's own users collection, with nobody able to list it or to delete from it.
func init() {
	m.Register(func(app core.App) error {
		users, err := app.FindCollectionByNameOrId("users")
		if err != nil {
			return err
		}
		for _, name := range []string{"name", "avatar", "created", "updated"} {
			users.Fields.RemoveByName(name)
		}
		users.Fields.Add(
			text("name", 400),
			&core.FileField{Name: "avatar", MaxSelect: 1, MaxSize: 5 << 20, MimeTypes: []string{"image/jpeg", "image/png", "image/webp"}, Protected: true},
			text("bio", 20_000),
			text("location", 1_000),
			text("language", 35),
			text("time_zone", 64),
			choice("role", "member", "moderator"),
			sealed("phone"),
			hiddenFlag("exempt_verification"),
			createdAt(), updatedAt(),
		)
		users.OAuth2.MappedFields = core.OAuth2KnownFields{}
		users.AuthAlert.Enabled = false
		users.AddIndex("idx_email__pb_users_auth_", true, "`email` COLLATE NOCASE", "`email` != ''") // one account an address
		users.AddIndex("idx_users_updated_at", false, "updated_at", "")
		set(users, rules{view: when(member), create: when(""), update: mine("id")})
		return app.Save(users)
	}, keepData)
}
