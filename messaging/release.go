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
	first := s.Conversation.LastSeq() == 0
	m.Release(now)
	revealed, err := addressReleased(app, s, m, first)
	if err != nil {
		return err
	}
	seq, err := s.Conversation.Advance(app, now)
	if err != nil {
		return err
	}
	m.Place(seq)
	m.SetText(content)
	if err := Seal(app, m); err != nil { // the seal is bound to its seq
		return err
	}
	if err := app.SaveNoValidate(m); err != nil {
		return err
	}
	if err := CountMessage(app, m); err != nil {
		return err
	}
	s.AnnounceNew(app, m, revealed)
	return outbox.Notify(app, m.Sender(), collections.NoticeApproved, collections.Facts{"conversation": m.Conversation()}, collections.Subject{Type: collections.SubjectMessage, ID: m.Id})
}

// addressReleased hides a released message from those who have blocked its sender meanwhile, and from everyone if the
// conversation is over; it shows the conversation to the other participants.
func addressReleased(app core.App, s *Access, m *collections.Message, first bool) (revealed []string, err error) {
	if !s.Own.Sees() || !s.State().Open {
		m.KeepFor(m.Sender())
		return nil, nil
	}
	s.KeepFromBlockers(m)
	if first {
		return s.UnhideStart(app)
	}
	return s.Unhide(app)
}
