package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// Where the operator wants to hear of what waits for moderators and of help requests: other programs, and the chat that
// the collective uses anyway. Address and secret are sealed.
func init() {
	m.Register(func(app core.App) error {
		channels := core.NewBaseCollection("operator_channels")
		channels.Fields.Add(
			choice("kind", "webhook", "chat"),
			text("name", 100),
			&core.SelectField{Name: "events", Values: []string{"report", "help_request"}, MaxSelect: 2},
			sealed("address"), sealed("secret"),
			hiddenText("host", 255),
			createdAt(),
		)
		return app.Save(channels)
	}, keepData)
}
