package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"
)

// The collective's settings: one record, edited in the dashboard, with the defaults of the contract.
func init() {
	m.Register(func(app core.App) error {
		defaults := []struct {
			name  string
			value float64
			least float64
		}{
			{"daily_message_limit", 50, 0},
			{"established_after_days", 7, 0},
			{"window_message_limit", 50, 1},
			{"window_seconds", 900, 1},
			{"pending_requests_per_day", 10, 0},
			{"requests_per_day", 20, 0},
			{"request_again_days", 30, 0},
			{"group_members", 50, 2},
			{"permission_checks_per_hour", 120, 1},
			{"edit_window_seconds", 900, 0},
			{"retention_days", 0, 0},
			{"reports_per_hour", 10, 1},
			{"streams_per_account", 20, 1},
			{"streams_per_address", 50, 1},
			{"sign_ins_per_address", 1_200, 1},
			{"registrations_per_address", 600, 1},
		}
		c := core.NewBaseCollection("messaging_settings")
		for _, d := range defaults {
			c.Fields.Add(&core.NumberField{Name: d.name, OnlyInt: true, Min: types.Pointer(d.least)})
		}
		c.Fields.Add(
			&core.SelectField{Name: "personal_data_policy", Values: []string{"confirm", "allow", "block"}, MaxSelect: 1, Required: true},
			&core.SelectField{Name: "registration", Values: []string{"open", "invite"}, MaxSelect: 1, Required: true},
			&core.JSONField{Name: "screening_thresholds", MaxSize: 16 << 10},
			createdAt(), updatedAt(),
		)
		if err := app.Save(c); err != nil {
			return err
		}

		record := core.NewRecord(c)
		record.Id = "settings0000000"
		for _, d := range defaults {
			record.Set(d.name, d.value)
		}
		record.Set("personal_data_policy", "confirm")
		record.Set("registration", "open")
		record.Set("screening_thresholds", map[string]float64{"review": 0.5, "block": 0.97})
		return app.Save(record)
	}, keepData)
}
