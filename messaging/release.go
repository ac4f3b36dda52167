package messaging

import (
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/outbox"
	"carecollective/refusal"
)

// SetModeration changes the moderation status of a message and announces it.
func SetModeration(app core.App, m *collections.Message, status string, now time.Time) error {
	m.SetModeration(status, now)
	if err := app.SaveNoValidate(m); err != nil {
		return err
	}
	if err := RecountAll(app, m.Conversation()); err != nil {
		return err
	}
	s, err := LoadAccess(app, m.Conversation(), m.Sender(), now)
	if refusal.IsNotFound(err) {
		return nil // the sender is no longer in the conversation
	}
	if err != nil {
		return err
	}
	s.AnnounceChanged(app, m, nil)
	s.AnnounceCounts(app, m)
	return nil
}

// Release shows a held message to the others: it gets its seq as if it were sent now. A conversation that was
// started with it reaches the invited members. If its sender may no longer write there, only the sender keeps seeing it.
func Release(app core.App, m *collections.Message, now time.Time) error {
	s, err := LoadAccess(app, m.Conversation(), m.Sender(), now)
	if refusal.IsNotFound(err) {
		return nil // the sender is no longer in the conversation
	}
	if err != nil {
		return err
	}
	content, err := m.Unseal(app)
	if err != nil {
		return err
	}
	m.Release(now)
	unhide := s.addressReleased(m)
	m.SetText(content)
	if err := s.reveal(app, m, unhide, func() error { return app.SaveNoValidate(m) }); err != nil {
		return err
	}
	return outbox.Notify(app, m.Sender(), collections.NoticeApproved, collections.Facts{"conversation": m.Conversation()}, collections.Subject{Type: collections.SubjectMessage, ID: m.Id})
}

// addressReleased hides a released message from those who have blocked its sender meanwhile, and from everyone if the
// conversation is over. It returns what shows the conversation to the other participants.
func (s *Access) addressReleased(m *collections.Message) (unhide func(core.App) ([]string, error)) {
	if !s.Own.Sees() || !s.State().Open {
		m.KeepFor(m.Sender())
		return func(core.App) ([]string, error) { return nil, nil }
	}
	s.keepFromBlockers(m)
	if s.Conversation.LastSeq() == 0 {
		return s.unhideStart
	}
	return s.Unhide
}
