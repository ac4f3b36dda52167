package migrations

import (
	"fmt"

	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"
)

// A message that moderators take away is a penalty of its own, so that it can be appealed and undone alone; what is lifted
// says why; and a limit ends by itself.
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
		level.Values = append(level.Values, "hidden", "removed")
		penalties.Fields.Add(text("undone_note", 20_000))
		if err := app.Save(penalties); err != nil {
			return err
		}

		settings, err := app.FindCollectionByNameOrId("messaging_settings")
		if err != nil {
			return err
		}
		settings.Fields.Add(&core.NumberField{Name: "limited_days", OnlyInt: true, Min: types.Pointer(1.0)})
		if err := app.Save(settings); err != nil {
			return err
		}
		record, err := app.FindRecordById(settings, "settings0000000")
		if err != nil {
			return fmt.Errorf("find the settings: %w", err)
		}
		record.Set("limited_days", 30)
		return app.Save(record)
	}, keepData)
}
