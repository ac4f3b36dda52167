package hooks

import (
	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
)

// registerErasures prevents requests that were running when an erasure began from bringing anything back, such as a picture
// that took a second to convert. Messages need no such gate: an erased member has left every conversation.
func registerErasures(app core.App) {
	app.OnRecordUpdateExecute(collections.Users).Bind(gate("users.update.transaction", inTransaction))
	app.OnRecordUpdateExecute(collections.Users).Bind(gate("users.update.stays", requireOwner))
	owned := app.OnRecordCreateExecute(collections.Owned()...)
	owned.Bind(gate("records.create.owned.transaction", inTransaction))
	owned.Bind(gate("records.create.owned.stays", requireOwner))
}

// requireOwner refuses a write for a member who is erased, or is being erased.
func requireOwner(e *core.RecordEvent) error {
	erased, err := collections.Erased(e.App, collections.OwnerOf(e.Record))
	if err != nil {
		return err
	}
	if erased {
		return apis.NewUnauthorizedError("Please sign in again.", nil)
	}
	return e.Next()
}
