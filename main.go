// Command carecollective is a server with which the members of a mutual aid collective write to each other, with
// consent. It is PocketBase with our collections, hooks, routes and commands, in one binary.
package main

import (
	"os"

	"carecollective/accounts"
	"carecollective/collections"
	"carecollective/commands"
	"carecollective/server"

	"github.com/pocketbase/pocketbase"
	"github.com/pocketbase/pocketbase/core"

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
	if err := server.RegisterPlugins(app); err != nil {
		return err
	}
	app.RootCmd.AddCommand(
		commands.Moderator(app),
		commands.Moderation(app),
		commands.Audit(app),
		commands.Keys(app, config.KeysDir),
		commands.Backup(app, func(dataDir string) (core.App, func() error, error) {
			return server.OpenCopy(dataDir, config.KeysDir, app.EncryptionEnv())
		}),
		commands.Invite(app, accounts.Invite),
		commands.Demo(app),
		commands.Vapid(app, server.RotatePushKey),
		commands.Channel(app, server.ChatHost),
		commands.Doctor(app, commands.Installation{
			Unlocked:       config.Unlock,
			ProxiesTrusted: len(config.TrustedProxies) > 0,
			Drift:          collections.Drift,
			Losses:         server.Losses,
			TryMail:        server.TryMail,
			TryPush:        server.TryPush,
		}),
	)
	return server.Execute(app, config)
}
