package collections

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/internal/store"
	"carecollective/vault"
)

// DeviceSecrets are the sealed fields of a push subscription, as the browser names them.
var DeviceSecrets = []string{"endpoint", "p256dh", "auth"}

// Device is a browser or phone that receives push messages.
type Device struct{ core.BaseRecordProxy }

// AsDevice reads record, a row of push_subscriptions.
func AsDevice(record *core.Record) *Device {
	d := &Device{}
	d.SetProxyRecord(record)
	return d
}

// NewDevice makes a push subscription without saving it.
func NewDevice(app core.App) (*Device, error) {
	collection, err := app.FindCachedCollectionByNameOrId(PushSubscriptions)
	if err != nil {
		return nil, err
	}
	return AsDevice(core.NewRecord(collection)), nil
}

// FindDevice finds a device by id; nil when there is none.
func FindDevice(app core.App, id string) (*Device, error) {
	return store.Typed(AsDevice)(store.FindOne(app, PushSubscriptions, store.ByID(id)))
}

// FindDeviceAt finds the member's device with that endpoint; nil if there is none.
func FindDeviceAt(app core.App, user, endpoint string) (*Device, error) {
	return store.Typed(AsDevice)(store.FindOne(app, PushSubscriptions, dbx.HashExp{"user": user, "endpoint_hash": hashOf(endpoint)}))
}

// CountDevices counts the devices of a member.
func CountDevices(app core.App, user string) (int, error) {
	return store.Count(app, "SELECT COUNT(*) FROM push_subscriptions WHERE user = {:user}", dbx.Params{"user": user})
}

// FindDevices finds all devices of a member, the oldest first.
func FindDevices(app core.App, user string) ([]*Device, error) {
	var all []*Device
	err := app.RecordQuery(PushSubscriptions).AndWhere(dbx.HashExp{"user": user}).OrderBy("created_at", "id").All(&all)
	if err != nil {
		return nil, fmt.Errorf("find devices: %w", err)
	}
	return all, nil
}

// Take assigns the device to the member and seals its endpoint and keys.
func (d *Device) Take(app core.App, user, userAgent string, secrets map[string]string) error {
	if d.Id == "" {
		d.Id = core.GenerateDefaultRandomId()
	}
	d.Set("user", user)
	d.Set("user_agent", strings.ToValidUTF8(userAgent[:min(len(userAgent), 300)], ""))
	d.Set("endpoint_hash", hashOf(secrets["endpoint"]))
	d.Set("host", HostOf(secrets["endpoint"]))
	d.Set("failures", 0)
	key, err := CurrentKey(app, KeyPush)
	if err != nil {
		return err
	}
	if key != nil {
		d.Set("key", key.ID)
	}
	for _, name := range DeviceSecrets {
		sealed, err := Seal(app, MemberScope(user), time.Now(), d.binding(name), secrets[name])
		if err != nil {
			return err
		}
		d.Set(name+"_sealed", sealed)
	}
	return nil
}

// User is the member whose device it is.
func (d *Device) User() string { return d.GetString("user") }

// Host is the name of the push service.
func (d *Device) Host() string { return d.GetString("host") }

// Key is the id of the key that the device was subscribed with.
func (d *Device) Key() string { return d.GetString("key") }

// UserAgent is what the browser called itself.
func (d *Device) UserAgent() string { return d.GetString("user_agent") }

// Secret opens one of the [DeviceSecrets]; [vault.ErrUnreadable] when it cannot be opened.
func (d *Device) Secret(app core.App, name string) (string, error) {
	return Unseal(app, MemberScope(d.GetString("user")), d.binding(name), d.GetString(name+"_sealed"))
}

func (d *Device) binding(field string) vault.Binding {
	return vault.Binding{Table: PushSubscriptions, Record: d.Id, Field: field, Sender: d.GetString("user")}
}

// NoteReached records that the device was reached at now.
func (d *Device) NoteReached(app core.App, now time.Time) error {
	return store.Exec(app, "UPDATE push_subscriptions SET last_success_at = {:now}, failures = 0 WHERE id = {:id}",
		dbx.Params{"id": d.Id, "now": store.Stamp(now)})
}

// NoteRefused records that the push service refused a message to the device, and returns how often in a row.
func (d *Device) NoteRefused(app core.App) (int, error) {
	err := store.Exec(app, "UPDATE push_subscriptions SET failures = failures + 1 WHERE id = {:id}", dbx.Params{"id": d.Id})
	if err != nil {
		return 0, err
	}
	return store.Count(app, "SELECT COALESCE(MAX(failures), 0) FROM push_subscriptions WHERE id = {:id}", dbx.Params{"id": d.Id})
}

// Forget deletes the device, and returns whether it was the member's last.
func (d *Device) Forget(app core.App) (last bool, err error) {
	if err := store.Exec(app, "DELETE FROM push_subscriptions WHERE id = {:id}", dbx.Params{"id": d.Id}); err != nil {
		return false, err
	}
	n, err := CountDevices(app, d.User())
	return n == 0, err
}

// ForgetDevices deletes all devices of a member.
func ForgetDevices(app core.App, user string) error {
	return store.Exec(app, "DELETE FROM push_subscriptions WHERE user = {:user}", dbx.Params{"user": user})
}

func hashOf(endpoint string) string {
	sum := sha256.Sum256([]byte(endpoint))
	return hex.EncodeToString(sum[:])
}

// HostOf returns the host name of a URL, in lowercase letters; empty for an invalid URL.
func HostOf(address string) string {
	parsed, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.ToLower(parsed.Hostname())
}
