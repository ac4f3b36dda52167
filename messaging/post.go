package messaging

import (
	"context"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/attachments"
	"carecollective/collections"
	"carecollective/consent"
	"carecollective/internal/changes"
	"carecollective/refusal"
)

// Send posts a message for its sender; see [Post].
func Send(ctx context.Context, app core.App, m *collections.Message) (stored *collections.Message, created bool, err error) {
	return Post(ctx, app, m, func(app core.App) error { return app.Save(m) })
}

// Post stores a message and its pictures. Its sender may be retrying: if the id is known, nothing is checked or written, and the
// stored message is returned, with created false. save saves the message with the app that it is given, which commits it together
// with the messages of others.
func Post(ctx context.Context, app core.App, m *collections.Message, save func(core.App) error) (stored *collections.Message, created bool, err error) {
	if attachments.HasUploads(m) || app.TxInfo() != nil { // before pictures are read; and for a batch, in which nothing can be rolled back alone
		if stored, err = findRetry(app, m.Id, m.Sender(), m.Conversation()); stored != nil || err != nil {
			return stored, false, err
		}
	}
	if m.Conversation() == "" {
		return nil, false, refusal.Field("conversation", refusal.Required, "`conversation` is missing.")
	}
	if err := storeUploads(ctx, app, m); err != nil {
		return nil, false, err
	}
	err = save(changes.Writers(app).Grouped(app))
	if err == nil {
		return m, true, nil
	}
	if !m.IsNew() { // once it is stored, an error comes from a later request of the same batch
		return nil, false, err
	}
	attachments.Discard(app, m)
	if stored, retryErr := findRetry(app, m.Id, m.Sender(), m.Conversation()); stored != nil || retryErr != nil {
		return stored, false, retryErr
	}
	return nil, false, err
}

// findRetry finds the message that the sender stored before under the same id in the same conversation; nil if the id is free, or
// if they do not see the conversation, which is then refused elsewhere. An id that belongs to anything else is refused.
func findRetry(app core.App, id, sender, conversation string) (*collections.Message, error) {
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
	return nil, idTaken()
}

// idTaken refuses an id that already belongs to another message.
func idTaken() error {
	return refusal.Field("id", refusal.NotUnique, "This id is taken. Choose another one.")
}

// storeUploads stores the pictures that a sender hands over with a message, once it is clear that the sender may write there.
// It is called before the message is saved, outside of any transaction.
func storeUploads(ctx context.Context, app core.App, m *collections.Message) error {
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
