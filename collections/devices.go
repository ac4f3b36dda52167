package collections

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/vault"
)

// DeviceSecrets are the sealed fields of a push subscription, as the browser names them.
var DeviceSecrets = []string{"endpoint", "p256dh", "auth"}

// Device is a browser or phone that wants to be told of news.
type Device struct{ core.BaseRecordProxy }

// AsDevice reads record, a row of push_subscriptions.
func AsDevice(record *core.Record) *Device {
	d := &Device{}
	d.SetProxyRecord(record)
	return d
}

// Take makes the device the member's and seals what it is reached by.
func (d *Device) Take(app core.App, user, userAgent string, secrets map[string]string) error {
	if d.Id == "" {
		d.Id = core.GenerateDefaultRandomId()
	}
	d.Set("user", user)
	d.Set("user_agent", userAgent[:min(len(userAgent), 300)])
	sum := sha256.Sum256([]byte(secrets["endpoint"]))
	d.Set("endpoint_hash", hex.EncodeToString(sum[:]))
	for _, name := range DeviceSecrets {
		sealed, err := seal(app, MemberScope(user), time.Now(), d.binding(name), secrets[name])
		if err != nil {
			return err
		}
		d.Set(name+"_sealed", sealed)
	}
	return nil
}

// Secret opens one of the [DeviceSecrets]; [vault.ErrUnreadable] when it cannot be opened.
func (d *Device) Secret(app core.App, name string) (string, error) {
	return unseal(app, MemberScope(d.GetString("user")), d.binding(name), d.GetString(name+"_sealed"))
}

func (d *Device) binding(field string) vault.Binding {
	return vault.Binding{Table: PushSubscriptions, Record: d.Id, Field: field, Sender: d.GetString("user")}
}
