package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// A member's list of conversations is counted from its index alone.
func init() {
	m.Register(func(app core.App) error {
		return indexList(app, "user, left_at, latest_at DESC, conversation, concealed, consent, archived")
	}, func(app core.App) error {
		return indexList(app, "user, left_at, latest_at DESC, conversation")
	})
}

func indexList(app core.App, columns string) error {
	c, err := app.FindCollectionByNameOrId("conversation_participants")
	if err != nil {
		return err
	}
	c.RemoveIndex("idx_participants_list")
	c.AddIndex("idx_participants_list", false, columns, "")
	return app.Save(c)
}
