package collections

import (
	"errors"
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/vault"
)

// What a key of ours signs.
const (
	KeyPush  = "push"  // push notifications (VAPID)
	KeyLinks = "links" // links in mails that work without signing in
)

// operatorScope names the keys of data that belongs to the whole collective.
const operatorScope = "operator:notifications"

// Key is a key pair that signs notifications.
type Key struct {
	ID      string `db:"id"`
	Purpose string `db:"purpose"`
	Public  string `db:"public"`
	Sealed  string `db:"private_sealed"`
}

// CurrentKey finds the key in use for a purpose; nil if there is none yet.
func CurrentKey(app core.App, purpose string) (*Key, error) {
	return findKey(app, dbx.HashExp{"purpose": purpose, "retired_at": ""})
}

// FindKey finds a key by id, retired or not; nil when there is none.
func FindKey(app core.App, id string) (*Key, error) { return findKey(app, dbx.HashExp{"id": id}) }

func findKey(app core.App, where dbx.Expression) (*Key, error) {
	var found []*Key
	err := app.DB().Select("id", "purpose", "public", "private_sealed").From(NotificationKeys).Where(where).Limit(1).All(&found)
	if err != nil {
		return nil, fmt.Errorf("find a key of notifications: %w", err)
	}
	if len(found) == 0 {
		return nil, nil
	}
	return found[0], nil
}

// Private opens the private half.
func (k *Key) Private(app core.App) (string, error) {
	return unseal(app, operatorScope, k.binding(), k.Sealed)
}

func (k *Key) binding() vault.Binding {
	return vault.Binding{Table: NotificationKeys, Record: k.ID, Field: "private"}
}

// EnsureKey creates the key of a purpose with generate, unless there is one.
func EnsureKey(app core.App, purpose string, now time.Time, generate func() (private, public string, err error)) error {
	return app.RunInTransaction(func(txApp core.App) error {
		key, err := CurrentKey(txApp, purpose)
		if err != nil || key != nil {
			return err
		}
		return newKey(txApp, purpose, now, generate)
	})
}

// RotateKey retires the key of a purpose and creates a new one, in the transaction of app.
func RotateKey(app core.App, purpose string, now time.Time, generate func() (private, public string, err error)) error {
	err := exec(app, "UPDATE notification_keys SET retired_at = {:now} WHERE purpose = {:purpose} AND retired_at = ''",
		dbx.Params{"purpose": purpose, "now": Stamp(now)})
	if err != nil {
		return err
	}
	return newKey(app, purpose, now, generate)
}

func newKey(app core.App, purpose string, now time.Time, generate func() (private, public string, err error)) error {
	private, public, err := generate()
	if err != nil {
		return fmt.Errorf("make a key of notifications: %w", err)
	}
	key := &Key{ID: core.GenerateDefaultRandomId(), Purpose: purpose, Public: public}
	if key.Sealed, err = seal(app, operatorScope, now, key.binding(), private); err != nil {
		return err
	}
	return exec(app, `INSERT INTO notification_keys (id, purpose, public, private_sealed, retired_at, created_at)
		VALUES ({:id}, {:purpose}, {:public}, {:sealed}, '', {:now})`,
		dbx.Params{"id": key.ID, "purpose": purpose, "public": public, "sealed": key.Sealed, "now": Stamp(now)})
}

// SubscribeAnew asks every device to subscribe with the current key, and notifies its owner, in the transaction of app. Each is
// asked with the key that it knows, and deleted afterwards.
func SubscribeAnew(app core.App, now time.Time) (members int, err error) {
	var users []string
	if err := app.DB().NewQuery("SELECT DISTINCT user FROM push_subscriptions").Column(&users); err != nil {
		return 0, fmt.Errorf("find who has devices: %w", err)
	}
	for _, user := range users {
		if err := pushTo(app, user, "", KindFarewell, now); err != nil {
			return 0, err
		}
		n, err := NewNotice(app, user, NoticePushKey, nil, Subject{Type: SubjectPreferences})
		if err != nil {
			return 0, err
		}
		if err := app.Save(n); err != nil {
			return 0, fmt.Errorf("save notification: %w", err)
		}
	}
	return len(users), nil
}

// ErrNoKey is returned before the first start of the server, which creates the keys.
var ErrNoKey = errors.New("there is no key yet: start the server once")
