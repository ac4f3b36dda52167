// Command carecollective is a server with which the members of a mutual aid collective write to each other, with
// consent. It is PocketBase with our collections, hooks, routes and commands, in one binary.
package main

import (
	"os"

	"github.com/pocketbase/pocketbase"

	_ "carecollective/migrations"
	"carecollective/server"
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
	if err := server.RegisterPlugins(app); err != nil {
		return err
	}
	server.AddCommands(app, config)
	return server.Execute(app, config)
}
