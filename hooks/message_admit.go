package hooks

import (
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/audit"
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

// admitMessage checks a new message inside the transaction, gives it its seq, and updates the participants.
func admitMessage(e *core.RecordEvent) error {
	m := collections.AsMessage(e.Record)
	if m.Sender() == "" {
		return messaging.ErrNoSender
	}
	now := time.Now()
	s, err := messaging.LoadAccess(e.App, m.Conversation(), m.Sender(), now)
	if err != nil {
		return err
	}
	if m.Type() == collections.TypeText {
		if err := messaging.RequireConsent(s); err != nil {
			return err
		}
		if err := messaging.RequireVisibleReply(e.App, m); err != nil {
			return err
		}
		if err := messaging.LimitSending(e.App, s, now); err != nil {
			return err
		}
	}
	messaging.Narrow(s, m)
	return place(e, s, m, now)
}

// place gives the message its seq, seals and stores it, and updates all participants.
func place(e *core.RecordEvent, s *messaging.Access, m *collections.Message, now time.Time) error {
	if m.Held() {
		if err := storeMessage(e, s, m, now); err != nil {
			return err
		}
		s.AnnounceNew(e.App, m, nil)
		return moderation.HoldForModerators(e.App, m)
	}
	revealed, err := s.Unhide(e.App)
	if err != nil {
		return err
	}
	seq, err := s.Conversation.Advance(e.App, now)
	if err != nil {
		return err
	}
	m.Place(seq)
	if err := storeMessage(e, s, m, now); err != nil {
		return err
	}
	s.AnnounceNew(e.App, m, revealed)
	return messaging.CountMessage(e.App, m)
}

// storeMessage seals a message, writes its row, and records it in the audit log.
func storeMessage(e *core.RecordEvent, s *messaging.Access, m *collections.Message, now time.Time) error {
	m.SetCreated(now)
	if m.Id == "" {
		m.Id = core.GenerateDefaultRandomId()
	}
	m.Address(s.OtherID(), s.Conversation.HelpRequest())
	m.DisappearAfter(s.Conversation.RetentionDays())
	if err := messaging.Seal(e.App, m); err != nil {
		return err
	}
	if err := e.Next(); err != nil {
		return err
	}
	if m.Flagged() && !m.Held() {
		if err := moderation.FlagForModerators(e.App, m); err != nil {
			return err
		}
	}
	return audit.Record(e.App, audit.AuditSent, m.Id, m.Sender(), nil, now)
}
