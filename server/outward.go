package server

import (
	"context"
	"path/filepath"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/accounts/outbox"
	"carecollective/notifications"
	"carecollective/notifications/chat"
)

// mailPatience is how long the doctor waits for the mail server.
const mailPatience = 15 * time.Second

// TryMail connects to the mail server of the settings as for a mail; nil if none is set.
func TryMail(app core.App) error {
	ctx, cancel := context.WithTimeout(context.Background(), mailPatience)
	defer cancel()
	smtp := app.Settings().SMTP
	return outbox.New(filepath.Join(app.DataDir(), outbox.Dir), func() core.SMTPConfig { return smtp }, app.Logger).Try(ctx)
}

// TryPush sends to the push services, and returns the problems, one per line.
func TryPush(app core.App) ([]string, error) { return notifications.Examine(app) }

// RotatePushKey creates a new key for push notifications, and returns how many members are asked to subscribe again.
func RotatePushKey(app core.App, now time.Time) (members int, err error) {
	return notifications.RotatePushKey(app, now)
}

// ChatHost returns the host of a chat URL; an error if the URL is invalid.
func ChatHost(address string) (string, error) { return chat.Host(address) }
