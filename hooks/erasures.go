package hooks

import (
	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/internal/bind"
)

// registerErasures prevents requests that were running when an erasure began from bringing anything back, such as a picture
// that took a second to convert. Messages need no such gate: an erased member has left every conversation.
//
// It opens the transactions in which all later gates of these events judge: those of blocks, devices, help requests and members.
func registerErasures(app core.App) {
	app.OnRecordUpdateExecute(collections.Users).Bind(bind.Handler("users.update.transaction", inTransaction))
	app.OnRecordUpdateExecute(collections.Users).Bind(bind.Handler("users.update.stays", requireOwner))
	owned := app.OnRecordCreateExecute(collections.Owned()...)
	owned.Bind(bind.Handler("records.create.owned.transaction", inTransaction))
	owned.Bind(bind.Handler("records.create.owned.stays", requireOwner))
}

// requireOwner refuses a write for a member who is erased, or is being erased.
func requireOwner(e *core.RecordEvent) error {
	erased, err := collections.Erased(e.App, collections.OwnerOf(e.Record))
	if err != nil {
		return err
	}
	if erased {
		return apis.NewUnauthorizedError("Sign in again.", nil)
	}
	return e.Next()
}
