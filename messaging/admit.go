package messaging

import (
	"errors"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/audit"
	"carecollective/collections"
	"carecollective/consent"
	"carecollective/refusal"
)

var errNoSender = errors.New("a message needs a sender")

// Admit is the only way into a conversation: it checks a new message, hides it from those who must not see it, gives it its
// position, seals it, stores its row by calling write, and counts and announces it. It is called inside the transaction of app, in
// which its caller also refers a held or flagged message to the moderators.
func Admit(app core.App, m *collections.Message, now time.Time, write func() error) error {
	if m.Sender() == "" {
		return errNoSender
	}
	s, err := LoadAccess(app, m.Conversation(), m.Sender(), now)
	if err != nil {
		return err
	}
	if m.Type() == collections.TypeText {
		if err := s.admitText(app, m); err != nil {
			return err
		}
	}
	s.narrow(m)
	s.describe(m)
	if m.Held() {
		err = s.hold(app, m, write)
	} else {
		err = s.reveal(app, m, s.Unhide, write)
	}
	if err != nil {
		return err
	}
	return audit.Record(app, audit.AuditSent, m.Id, m.Sender(), nil, now)
}

// admitText checks a text that a member writes: whether they may write there, what they reply to, and their limits.
func (s *Access) admitText(app core.App, m *collections.Message) error {
	if err := s.requireConsent(); err != nil {
		return err
	}
	if err := requireVisibleReply(app, m); err != nil {
		return err
	}
	return s.limitSending(app)
}

// requireConsent checks whether the sender may write there. The first message is the request itself, which was checked when
// the conversation was started.
func (s *Access) requireConsent() error {
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
	answered, _, err := FindVisible(app, m.ReplyTo(), m.Sender())
	if err != nil {
		return err
	}
	if answered == nil || answered.Conversation() != m.Conversation() || answered.Seq() == 0 {
		return refusal.Field("reply_to", refusal.NotInConversation, "Reply to a message in this conversation.")
	}
	return nil
}

// narrow hides the message from those who have blocked its sender, and under pre-approval from everyone until a moderator
// has approved it.
func (s *Access) narrow(m *collections.Message) {
	s.keepFromBlockers(m)
	if s.Standing.PreApproval && m.Type() == collections.TypeText {
		m.Hold()
	}
}

// describe sets what the row says about a new message besides its text.
func (s *Access) describe(m *collections.Message) {
	m.SetCreated(s.Now)
	if m.Id == "" {
		m.Id = core.GenerateDefaultRandomId()
	}
	m.Address(s.OtherID(), s.Conversation.HelpRequest())
	m.DisappearAfter(s.Conversation.RetentionDays())
}

// hold stores a message that only its sender sees until a moderator releases it. It gets its position then.
func (s *Access) hold(app core.App, m *collections.Message, write func() error) error {
	if err := Seal(app, m); err != nil {
		return err
	}
	if err := write(); err != nil {
		return err
	}
	s.AnnounceNew(app, m, nil)
	return nil
}

// reveal gives a message its position, stores it by calling write, and counts and announces it to everyone who sees it. unhide
// shows the conversation to members from whom it is hidden so far.
func (s *Access) reveal(app core.App, m *collections.Message, unhide func(core.App) ([]string, error), write func() error) error {
	revealed, err := unhide(app)
	if err != nil {
		return err
	}
	seq, err := s.Conversation.Advance(app, s.Now)
	if err != nil {
		return err
	}
	m.Place(seq)
	if err := Seal(app, m); err != nil { // the seal is bound to its position
		return err
	}
	if err := write(); err != nil {
		return err
	}
	s.AnnounceNew(app, m, revealed)
	return CountMessage(app, m)
}
