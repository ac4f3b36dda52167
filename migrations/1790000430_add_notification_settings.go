package migrations

import (
	"fmt"

	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"
)

// How soon and how often members are told, beside the other settings.
func init() {
	m.Register(func(app core.App) error {
		c, err := app.FindCollectionByNameOrId("messaging_settings")
		if err != nil {
			return err
		}
		defaults := []struct {
			name    string
			value   int
			minimum float64
		}{
			{"notify_after_seconds", 2, 0},
			{"email_after_minutes", 10, 0},
			{"email_again_minutes", 60, 0},
			{"emails_before_digest", 3, 0},
			{"digest_hour", 9, 0},
			{"devices_per_member", 10, 1},
			{"deliveries_days", 14, 1},
		}
		for _, d := range defaults {
			field := &core.NumberField{Name: d.name, OnlyInt: true, Min: types.Pointer(d.minimum)}
			if d.name == "digest_hour" {
				field.Max = types.Pointer(23.0)
			}
			c.Fields.Add(field)
		}
		c.Fields.Add(&core.TextField{Name: "push_hosts", Max: 10_000})
		if err := app.Save(c); err != nil {
			return err
		}
		record, err := app.FindRecordById(c, "settings0000000")
		if err != nil {
			return fmt.Errorf("find the settings: %w", err)
		}
		for _, d := range defaults {
			record.Set(d.name, d.value)
		}
		return app.Save(record)
	}, keepData)
}
