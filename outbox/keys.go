package outbox

import (
	"errors"
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/internal/store"
)

// EnsureKey creates the key of a purpose with generate, unless there is one.
func EnsureKey(app core.App, purpose string, now time.Time, generate func() (private, public string, err error)) error {
	return app.RunInTransaction(func(txApp core.App) error {
		key, err := collections.CurrentKey(txApp, purpose)
		if err != nil || key != nil {
			return err
		}
		return newKey(txApp, purpose, now, generate)
	})
}

// RotateKey retires the key of a purpose and creates a new one, in the transaction of app.
func RotateKey(app core.App, purpose string, now time.Time, generate func() (private, public string, err error)) error {
	err := store.Exec(app, "UPDATE notification_keys SET retired_at = {:now} WHERE purpose = {:purpose} AND retired_at = ''",
		dbx.Params{"purpose": purpose, "now": store.Stamp(now)})
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
	key := &collections.Key{ID: core.GenerateDefaultRandomId(), Purpose: purpose, Public: public}
	if key.Sealed, err = collections.Seal(app, collections.OperatorScope, now, key.Binding(), private); err != nil {
		return err
	}
	return store.Exec(app, `INSERT INTO notification_keys (id, purpose, public, private_sealed, retired_at, created_at)
		VALUES ({:id}, {:purpose}, {:public}, {:sealed}, '', {:now})`,
		dbx.Params{"id": key.ID, "purpose": purpose, "public": public, "sealed": key.Sealed, "now": store.Stamp(now)})
}

// Resubscribe asks every device to subscribe with the current key, and notifies its owner, in the transaction of app. Each is
// asked with the key that it knows, and deleted afterwards.
func Resubscribe(app core.App, now time.Time) (members int, err error) {
	var users []string
	if err := app.DB().NewQuery("SELECT DISTINCT user FROM push_subscriptions").Column(&users); err != nil {
		return 0, fmt.Errorf("find who has devices: %w", err)
	}
	for _, user := range users {
		if err := pushTo(app, user, "", KindResubscribe, now); err != nil {
			return 0, err
		}
		n, err := collections.NewNotice(app, user, collections.NoticePushKey, nil, collections.Subject{Type: collections.SubjectPreferences})
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
