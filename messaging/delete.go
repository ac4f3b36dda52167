package messaging

import (
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/attachments"
	"carecollective/audit"
	"carecollective/collections"
	"carecollective/internal/store"
	"carecollective/refusal"
)

// Delete turns a message into a tombstone and announces it: the text and the pictures are removed, the row stays. Deleting a
// message again changes nothing. Only a text that its sender still sees can be deleted.
func Delete(app core.App, id string) error {
	err := app.RunInTransaction(func(txApp core.App) error { return erase(txApp, id) })
	if err != nil {
		return err
	}
	if err := store.TruncateWAL(app); err != nil { // the message is deleted anyway
		app.Logger().Error("Failed to truncate the database's log after a deletion", "error", err)
	}
	return nil
}

// erase does the work of [Delete], in the transaction of app.
func erase(app core.App, id string) error {
	m, err := collections.FindMessage(app, id)
	if err != nil {
		return err
	}
	if m == nil {
		return refusal.NotFound()
	}
	if m.Deleted() {
		return nil
	}
	if m.Type() != collections.TypeText {
		return refusal.Policy(refusal.NotAllowed)
	}
	now := time.Now()
	s, err := LoadAccess(app, m.Conversation(), m.Sender(), now)
	if err != nil {
		return err
	}
	if !s.Own.Sees() {
		return refusal.NotFound()
	}
	m.Erase(now)
	if err := app.SaveNoValidate(m); err != nil {
		return err
	}
	if err := RecountAll(app, m.Conversation()); err != nil {
		return err
	}
	s.AnnounceChanged(app, m, nil)
	s.AnnounceCounts(app, m)
	if err := audit.Record(app, audit.AuditDeleted, m.Id, m.Sender(), nil, now); err != nil {
		return err
	}
	return attachments.DropFiles(app, m.Id)
}
