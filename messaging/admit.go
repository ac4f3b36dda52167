package messaging

import (
	"context"
	"errors"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/attachments"
	"carecollective/collections"
	"carecollective/consent"
	"carecollective/internal/changes"
	"carecollective/refusal"
)

// FindRetry finds the message that the sender stored before under the same id in the same conversation; nil if the id is free, or
// if they do not see the conversation, which is then refused elsewhere. An id that belongs to anything else is refused.
func FindRetry(app core.App, id, sender, conversation string) (*collections.Message, error) {
	if id == "" {
		return nil, nil
	}
	m, err := collections.FindMessage(app, id)
	if err != nil || m == nil {
		return nil, err
	}
	seen, err := TakesPart(app, conversation, sender)
	if err != nil || !seen {
		return nil, err
	}
	if m.Sender() == sender && m.Conversation() == conversation {
		return m, nil
	}
	return nil, IDTaken()
}

// IDTaken refuses an id that already belongs to another message.
func IDTaken() error {
	return refusal.Field("id", refusal.NotUnique, "This id is taken. Choose another one.")
}

// SaveOnce stores a message whose sender may be retrying. If its id is known, nothing is checked or written, and
// the stored message is returned. The lookup happens when the message cannot be stored, as is the case for every retry.
func SaveOnce(app core.App, m *collections.Message) (stored *collections.Message, created bool, err error) {
	if err = changes.Writers(app).Grouped(app).Save(m); err == nil {
		return m, true, nil
	}
	if stored, retryErr := FindRetry(app, m.Id, m.Sender(), m.Conversation()); stored != nil || retryErr != nil {
		return stored, false, retryErr
	}
	return nil, false, err
}

var ErrNoSender = errors.New("a message needs a sender")

// RequireConsent checks whether the sender may write there. The first message is the request itself, which was checked when
// the conversation was started.
func RequireConsent(s *Access) error {
	if s.First() {
		return refusal.FromCode(s.Standing.MaySend())
	}
	return refusal.FromCode(consent.Next(s.State(), consent.StepWrite).Code)
}

// RequireVisibleReply refuses a reply to a message that the writer does not see, or to another conversation's message.
func RequireVisibleReply(app core.App, m *collections.Message) error {
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

// Narrow hides the message from those who have blocked its sender, and under pre-approval from everyone until a moderator
// has approved it.
func Narrow(s *Access, m *collections.Message) {
	s.KeepFromBlockers(m)
	if s.Standing.PreApproval && m.Type() == collections.TypeText {
		m.Hold()
	}
}

// StoreUploads stores the pictures that a sender hands over with a message, once it is clear that the sender may write there.
// It is called before the message is saved, outside of any transaction.
func StoreUploads(ctx context.Context, app core.App, m *collections.Message) error {
	if !attachments.HasUploads(m) {
		return nil
	}
	if app.TxInfo() != nil {
		return refusal.Field(attachments.Attachments, refusal.NotSupported, "Send pictures with one message at a time.")
	}
	if err := requireWriter(app, m); err != nil {
		return err
	}
	return attachments.StoreUploads(ctx, app, m)
}

// requireWriter refuses early, before the work is done, what would be refused later, and senders of too many pictures.
func requireWriter(app core.App, m *collections.Message) error {
	now := time.Now()
	s, err := LoadAccess(app, m.Conversation(), m.Sender(), now)
	if err != nil {
		return err
	}
	if err := refusal.FromCode(consent.Next(s.State(), consent.StepWrite).Code); err != nil {
		return err
	}
	return attachments.TakePictures(app, m.Sender(), attachments.UploadCount(m), now)
}

// Send is [SaveOnce] for a message that may have pictures. A retry is answered before any of them is read.
func Send(ctx context.Context, app core.App, m *collections.Message) (stored *collections.Message, created bool, err error) {
	if !attachments.HasUploads(m) {
		return SaveOnce(app, m)
	}
	if stored, err = FindRetry(app, m.Id, m.Sender(), m.Conversation()); stored != nil || err != nil {
		return stored, false, err
	}
	if err := StoreUploads(ctx, app, m); err != nil {
		return nil, false, err
	}
	stored, created, err = SaveOnce(app, m)
	if !created {
		attachments.Discard(app, m)
	}
	return stored, created, err
}
