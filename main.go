// Command carecollective is a server with which the members of a mutual aid collective write to each other, with
// consent. It is PocketBase with our collections, hooks, routes and commands, in one binary.
package main

import (
	"errors"
	"fmt"
	"os"

	"carecollective/accounts"
	"carecollective/collections"
	"carecollective/commands"
	"carecollective/server"

	"github.com/pocketbase/pocketbase"
	"github.com/pocketbase/pocketbase/plugins/jsvm"
	"github.com/pocketbase/pocketbase/plugins/migratecmd"

	_ "carecollective/migrations"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		server.Fail(err)
	}
}

func run(args []string) error {
	app := pocketbase.NewWithConfig(server.Defaults())
	config, err := server.ReadConfig(app.RootCmd, app.DataDir(), args)
	if err != nil {
		return err
	}
	server.Register(app, config)
	if err := registerPlugins(app); err != nil {
		return err
	}
	app.RootCmd.AddCommand(
		commands.Moderator(app),
		commands.Invite(app, accounts.Invite),
		commands.Doctor(app, commands.Installation{
			Unlocked:       config.Unlock,
			ProxiesTrusted: len(config.TrustedProxies) > 0,
			Drift:          collections.Drift,
			Losses:         server.Losses,
		}),
	)
	return server.Execute(app, config)
}

// registerPlugins lets a collective add its own hooks and migrations in JavaScript, beside the data directory.
// Changes made in the dashboard become migrations only where somebody develops.
func registerPlugins(app *pocketbase.PocketBase) error {
	err := errors.Join(
		jsvm.Register(app, jsvm.Config{HooksWatch: true, HooksPoolSize: 15}),
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
