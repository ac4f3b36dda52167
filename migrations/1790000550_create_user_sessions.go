package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"
)

// Sessions: where a member is signed in, so that they can end one from afar. The routes show them to their owner alone.
func init() {
	m.Register(func(app core.App) error {
		users, err := app.FindCollectionByNameOrId("users")
		if err != nil {
			return err
		}
		c := core.NewBaseCollection("user_sessions")
		c.Fields.Add(
			part("user", users),
			hiddenText("user_agent", 300),
			date("renewed_at"),
			date("last_used_at"),
			date("ended_at"),
			createdAt(),
		)
		c.Indexes = types.JSONArray[string]{
			"CREATE INDEX idx_user_sessions_user ON user_sessions (user, ended_at)",
			"CREATE INDEX idx_user_sessions_ended ON user_sessions (ended_at)",
			"CREATE INDEX idx_user_sessions_renewed ON user_sessions (renewed_at)",
		}
		return app.Save(c)
	}, keepData)
}
