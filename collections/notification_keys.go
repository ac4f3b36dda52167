package collections

import (
	"fmt"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/vault"
)

// What a key of ours signs.
const (
	KeyPush  = "push"  // push notifications (VAPID)
	KeyLinks = "links" // links in mails that work without signing in
)

// OperatorScope names the keys of data that belongs to the whole collective.
const OperatorScope = "operator:notifications"

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
	return Unseal(app, OperatorScope, k.Binding(), k.Sealed)
}

// Binding binds the sealed private key to its row.
func (k *Key) Binding() vault.Binding {
	return vault.Binding{Table: NotificationKeys, Record: k.ID, Field: "private"}
}
