package accounts

import (
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/notifications/wording"
)

// tellOfErasure notifies a member that the account is going to be erased, while that can be taken back: the person who asked for it
// may be someone else.
func (l letters) tellOfErasure(e *core.RecordEvent) error {
	erasure := collections.AsErasure(e.Record)
	if !erasure.EraseAt().After(time.Now()) {
		return e.Next()
	}
	owner, err := e.App.FindRecordById(collections.Users, erasure.User())
	if err == nil {
		err = l.send(e.App, owner, owner.Email(), letterErasure, wording.Facts{"at": erasure.EraseAt().UTC().Format(time.RFC3339)})
	}
	if err != nil { // the erasure was requested anyway, and the client shows it
		e.App.Logger().Error("Failed to notify a member about the erasure of their account", "error", err)
	}
	return e.Next()
}
