package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"
)

// Invitations to register: only the hash of a code is kept.
func init() {
	m.Register(func(app core.App) error {
		c := core.NewBaseCollection("invitations")
		c.Fields.Add(
			hiddenText("code_hash", 64),
			text("used_by", 15),
			date("used_at"),
			date("expires_at"),
			createdAt(),
		)
		c.Indexes = types.JSONArray[string]{"CREATE UNIQUE INDEX idx_invitations_code ON invitations (code_hash)"}
		return app.Save(c)
	}, keepData)
}
