package server

import (
	"context"
	"path/filepath"
	"time"

	"github.com/pocketbase/pocketbase"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/accounts"
	"carecollective/accounts/mailqueue"
	"carecollective/collections"
	"carecollective/commands"
	"carecollective/notifications"
	"carecollective/notifications/chat"
)

// mailPatience is how long the doctor waits for the mail server.
const mailPatience = 15 * time.Second

// AddCommands adds the commands of the product to those of PocketBase, with what they need of packages that they do not import.
func AddCommands(app *pocketbase.PocketBase, config Config) {
	openCopy := func(dataDir string) (core.App, func() error, error) {
		return OpenCopy(dataDir, config.KeysDir, app.EncryptionEnv())
	}
	app.RootCmd.AddCommand(
		commands.Moderator(app),
		commands.Moderation(app),
		commands.Audit(app),
		commands.Keys(app, config.KeysDir),
		commands.Backup(app, openCopy),
		commands.Invite(app, accounts.Invite),
		commands.Demo(app),
		commands.Vapid(app, notifications.RotatePushKey),
		commands.Channel(app, chat.Host),
		commands.Doctor(app, commands.Installation{
			Unlocked:       config.Unlock,
			ProxiesTrusted: len(config.TrustedProxies) > 0,
			Drift:          collections.Drift,
			Losses:         Losses,
			TryMail:        tryMail,
			TryPush:        notifications.Examine,
		}),
	)
}

// tryMail talks to the mail server of the settings up to where it would hand over a mail. It does nothing when none is set.
func tryMail(app core.App) error {
	ctx, cancel := context.WithTimeout(context.Background(), mailPatience)
	defer cancel()
	smtp := app.Settings().SMTP
	return mailqueue.New(filepath.Join(app.DataDir(), mailqueue.Dir), func() core.SMTPConfig { return smtp }, app.Logger).Try(ctx)
}
