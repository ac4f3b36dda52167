package migrations

import (
	"fmt"

	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// A switch of a standing, such as that messages wait for a moderator, is a penalty of its own: told, appealed and undone
// like any other.
func init() {
	m.Register(func(app core.App) error {
		penalties, err := app.FindCollectionByNameOrId("moderation_penalties")
		if err != nil {
			return err
		}
		level, ok := penalties.Fields.GetByName("level").(*core.SelectField)
		if !ok {
			return fmt.Errorf("the level of a penalty is no choice")
		}
		level.Values = append(level.Values, "switched")
		return app.Save(penalties)
	}, keepData)
}
