package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// Token buckets of the limits: a plain table, because it is arithmetic and nobody's record. at is in milliseconds since 1970.
func init() {
	m.Register(func(app core.App) error {
		_, err := app.DB().NewQuery("CREATE TABLE _buckets (key TEXT PRIMARY KEY, spent REAL NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID").Execute()
		return err
	}, func(app core.App) error {
		_, err := app.DB().NewQuery("DROP TABLE _buckets").Execute()
		return err
	})
}
