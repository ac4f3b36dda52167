package hooks

import (
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/messaging"
	"carecollective/moderation"
	"carecollective/refusal"
	"carecollective/text"
)

// checkText refuses an invalid text, on create and on edit, before anything else is checked.
func checkText(e *core.RecordEvent) error {
	m := collections.AsMessage(e.Record)
	if m.Type() == collections.TypeText && !m.Deleted() {
		if problem := text.Check(text.Message, m.Text()); problem != nil {
			return refusal.Field(collections.Content, refusal.Code(problem.Code), problem.Sentence)
		}
	}
	return e.Next()
}

// checkID checks what else a client may choose for a new message, instead of PocketBase's own checks:
// those look up each related record, which happens anyway when the message is admitted.
func checkID(e *core.RecordEvent) error {
	if !e.Record.IsNew() {
		return e.Next()
	}
	if id := e.Record.Id; id != "" && !collections.WellFormed(id) {
		return refusal.Field("id", refusal.InvalidFormat, "Choose an id of 15 lowercase letters and digits, or leave it out.")
	}
	return nil
}

// admitMessage admits a new message, inside the transaction, and refers it to the moderators if it is held or flagged.
func admitMessage(e *core.RecordEvent) error {
	m := collections.AsMessage(e.Record)
	if err := messaging.Admit(e.App, m, time.Now(), e.Next); err != nil {
		return err
	}
	return moderation.ReferNew(e.App, m)
}
