package hooks

import (
	"errors"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/consent"
	"carecollective/refusal"
	"carecollective/text"
)

var errNoSender = errors.New("a message needs a sender")

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
		return errNoSender
	}
	now := time.Now()
	s, err := collections.Situate(e.App, m.Conversation(), m.Sender(), now)
	if err != nil {
		return err
	}
	if m.Type() == collections.TypeText {
		if err := requireConsent(s); err != nil {
			return err
		}
		if err := requireVisibleReply(e.App, m); err != nil {
			return err
		}
		if err := limitSending(e.App, s, now); err != nil {
			return err
		}
	}
	narrow(s, m)
	return place(e, s, m, now)
}

// requireConsent checks whether the sender may write there. The first message is the request itself, which was checked when
// the conversation was started.
func requireConsent(s *collections.Situation) error {
	if s.First() {
		return refusal.FromCode(s.Standing.MaySend())
	}
	return refusal.FromCode(consent.Next(s.State(), consent.StepWrite).Code)
}

// requireVisibleReply refuses a reply to a message that the writer does not see, or to another conversation's message.
func requireVisibleReply(app core.App, m *collections.Message) error {
	if m.ReplyTo() == "" {
		return nil
	}
	answered, err := collections.FindMessage(app, m.ReplyTo())
	if err != nil {
		return err
	}
	if answered == nil || answered.Conversation() != m.Conversation() || answered.Seq() == 0 ||
		(answered.PrivateTo() != "" && answered.PrivateTo() != m.Sender()) {
		return refusal.Field("reply_to", refusal.NotInConversation, "Reply to a message in this conversation.")
	}
	return nil
}

// narrow hides the message from those who have blocked its sender, and under pre-approval from everyone until a moderator
// has approved it.
func narrow(s *collections.Situation, m *collections.Message) {
	s.KeepFromBlockers(m)
	if s.Standing.PreApproval && m.Type() == collections.TypeText {
		m.Hold()
	}
}

// place gives the message its seq, seals and stores it, and updates all participants.
func place(e *core.RecordEvent, s *collections.Situation, m *collections.Message, now time.Time) error {
	if m.Held() {
		if err := store(e, s, m, now); err != nil {
			return err
		}
		s.AnnounceNew(e.App, m, nil)
		return collections.HoldForModerators(e.App, m)
	}
	revealed, err := s.Reveal(e.App)
	if err != nil {
		return err
	}
	seq, err := s.Conversation.Advance(e.App, now)
	if err != nil {
		return err
	}
	m.Place(seq)
	if err := store(e, s, m, now); err != nil {
		return err
	}
	s.AnnounceNew(e.App, m, revealed)
	return collections.NoteMessage(e.App, m)
}

// store seals a message, writes its row, and records it in the audit log.
func store(e *core.RecordEvent, s *collections.Situation, m *collections.Message, now time.Time) error {
	m.SetCreated(now)
	if m.Id == "" {
		m.Id = core.GenerateDefaultRandomId()
	}
	m.Address(s.OtherID(), s.Conversation.HelpRequest())
	m.DisappearAfter(s.Conversation.RetentionDays())
	if err := m.Seal(e.App); err != nil {
		return err
	}
	if err := e.Next(); err != nil {
		return err
	}
	if m.Flagged() && !m.Held() {
		if err := collections.FlagForModerators(e.App, m); err != nil {
			return err
		}
	}
	return collections.Audit(e.App, collections.AuditSent, m.Id, m.Sender(), nil, now)
}
