package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"
)

// Blocks: seen and undone by the blocker alone. watermarks freezes what the blocked one had seen of the blocker's reading.
func init() {
	m.Register(func(app core.App) error {
		users, err := app.FindCollectionByNameOrId("users")
		if err != nil {
			return err
		}
		c := core.NewBaseCollection("user_blocks")
		c.Fields.Add(
			part("blocker", users),
			part("blocked", users),
			&core.JSONField{Name: "watermarks", Hidden: true},
			createdAt(),
		)
		c.Indexes = types.JSONArray[string]{
			"CREATE UNIQUE INDEX idx_user_blocks_pair ON user_blocks (blocker, blocked)",
			"CREATE INDEX idx_user_blocks_blocked ON user_blocks (blocked, blocker)",
		}
		set(c, rules{list: mine("blocker"), view: mine("blocker"), create: when(member), remove: mine("blocker")})
		return app.Save(c)
	}, keepData)
}
