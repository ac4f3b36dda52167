package accounts

import (
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
)

// tellOfErasure notifies a member that the account is going to be erased, while that can be taken back: the person who asked for it
// may be someone else.
func tellOfErasure(e *core.RecordEvent) error {
	erasure := collections.AsErasure(e.Record)
	if !erasure.EraseAt().After(time.Now()) {
		return e.Next()
	}
	owner, err := e.App.FindRecordById(collections.Users, erasure.User())
	if err == nil {
		err = tell(e.App, owner.Email(), erasureAsked(erasure.EraseAt()))
	}
	if err != nil { // the erasure was requested anyway, and the client shows it
		e.App.Logger().Error("Failed to notify a member about the erasure of their account", "error", err)
	}
	return e.Next()
}
