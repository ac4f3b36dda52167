package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// What the job that deletes old messages has seen of the clock, in one row, so that a clock that jumps deletes nothing.
// Times are in milliseconds since 1970, durations in milliseconds; sighted is -1 while nothing large is due.
func init() {
	m.Register(func(app core.App) error {
		_, err := app.DB().NewQuery(`CREATE TABLE _retention_watch (
			id INTEGER PRIMARY KEY CHECK (id = 1), looked INTEGER NOT NULL, steady INTEGER NOT NULL, sighted INTEGER NOT NULL)`).Execute()
		return err
	}, func(app core.App) error {
		_, err := app.DB().NewQuery("DROP TABLE _retention_watch").Execute()
		return err
	})
}
