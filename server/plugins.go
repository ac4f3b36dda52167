package server

import (
	"errors"
	"fmt"

	"github.com/pocketbase/pocketbase"
	"github.com/pocketbase/pocketbase/plugins/jsvm"
	"github.com/pocketbase/pocketbase/plugins/migratecmd"
)

// hookPool is how many hooks in JavaScript can run at the same time without waiting for a runtime to be made.
const hookPool = 15

// RegisterPlugins loads a collective's own hooks and migrations in JavaScript, beside the data directory. Changes
// made in the dashboard become migrations only in development.
func RegisterPlugins(app *pocketbase.PocketBase) error {
	err := errors.Join(
		jsvm.Register(app, jsvm.Config{HooksWatch: true, HooksPoolSize: hookPool}),
		migratecmd.Register(app, app.RootCmd, migratecmd.Config{
			TemplateLang: migratecmd.TemplateLangJS,
			Automigrate:  app.IsDev(),
		}),
	)
	if err != nil {
		return fmt.Errorf("load the plugins: %w", err)
	}
	return nil
}
