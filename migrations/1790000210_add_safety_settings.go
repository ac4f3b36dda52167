package migrations

import (
	"fmt"

	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"
)

// The numbers of the safety chapter, beside the other settings.
func init() {
	m.Register(func(app core.App) error {
		c, err := app.FindCollectionByNameOrId("messaging_settings")
		if err != nil {
			return err
		}
		defaults := map[string]int{
			"strikes_fade_after_days": 180,
			"appeal_window_days":      30,
			"evidence_days":           90,
			"escalate_after_hours":    24,
			"reports_make_a_burst":    5,
		}
		for _, name := range []string{"strikes_fade_after_days", "appeal_window_days", "evidence_days", "escalate_after_hours", "reports_make_a_burst"} {
			c.Fields.Add(&core.NumberField{Name: name, OnlyInt: true, Min: types.Pointer(1.0)})
		}
		c.Fields.Add(
			&core.TextField{Name: "guidelines", Max: 50_000},
			&core.NumberField{Name: "guidelines_version", OnlyInt: true},
			&core.TextField{Name: "screening_words", Max: 50_000},
			&core.TextField{Name: "screening_hosts", Max: 50_000},
		)
		if err := app.Save(c); err != nil {
			return err
		}
		record, err := app.FindRecordById(c, "settings0000000")
		if err != nil {
			return fmt.Errorf("find the settings: %w", err)
		}
		for name, value := range defaults {
			record.Set(name, value)
		}
		record.Set("guidelines", "Be kind. Ask before you share. Never ask for money in advance. Report what frightens you.")
		record.Set("guidelines_version", 1)
		return app.Save(record)
	}, keepData)
}
