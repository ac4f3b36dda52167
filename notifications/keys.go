package notifications

import (
	"crypto/rand"
	"encoding/base64"
	"time"

	webpushgo "github.com/SherClockHolmes/webpush-go"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/outbox"
)

// MakeKeys creates the keys that sign notifications, if there are none yet.
func MakeKeys(app core.App, now time.Time) error {
	if err := outbox.EnsureKey(app, collections.KeyPush, now, webpushgo.GenerateVAPIDKeys); err != nil {
		return err
	}
	return outbox.EnsureKey(app, collections.KeyLinks, now, secretKey)
}

// secretKey makes a key of one half.
func secretKey() (private, public string, err error) {
	secret := make([]byte, 32)
	if _, err := rand.Read(secret); err != nil {
		return "", "", err
	}
	return base64.RawURLEncoding.EncodeToString(secret), "", nil
}

// RotatePushKey creates a new key for push notifications and asks every device to subscribe with it. It returns how many
// members have devices.
func RotatePushKey(app core.App, now time.Time) (members int, err error) {
	err = app.RunInTransaction(func(txApp core.App) error {
		if err := outbox.RotateKey(txApp, collections.KeyPush, now, webpushgo.GenerateVAPIDKeys); err != nil {
			return err
		}
		members, err = outbox.Resubscribe(txApp, now)
		return err
	})
	return members, err
}
