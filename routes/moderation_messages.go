package routes

import (
	"slices"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/consent"
	"carecollective/refusal"
)

// treatMessage hides, removes or releases the message of a case. A held message stops waiting once its case
// is decided: if it is not released, it is hidden.
func (v *verdict) treatMessage(app core.App, c *collections.Case) error {
	m, err := collections.FindMessage(app, c.Message())
	if err != nil || m == nil || m.Deleted() {
		return err
	}
	lets := slices.Contains([]string{collections.ActApprove, collections.ActPreApprove, collections.ActDismiss}, v.action)
	switch {
	case v.action == collections.ActRemove:
		return v.takeAway(app, c, m, consent.LevelRemoved)
	case v.action == collections.ActHide || (m.Held() && !lets):
		return v.takeAway(app, c, m, consent.LevelHidden)
	case m.Held():
		if err := v.requireLook(app, m); err != nil {
			return err
		}
		return release(app, m, v.now)
	case v.action == collections.ActApprove && !m.Taken():
		return setModeration(app, m, collections.ModerationApproved, v.now)
	}
	return nil
}

// requireLook refuses to release a message that its sender has changed since the moderator looked.
func (v *verdict) requireLook(app core.App, m *collections.Message) error {
	looked, err := collections.LookedSince(app, v.by, m)
	if err == nil && !looked {
		return refusal.Conflict("The message has been edited since you read it. Read it again.")
	}
	return err
}

// takeAway hides or removes a message. This is a separate penalty, which the sender can appeal.
func (v *verdict) takeAway(app core.App, c *collections.Case, m *collections.Message, level string) error {
	if err := v.impose(app, c.Reported(), level, c.Id, time.Time{}); err != nil {
		return err
	}
	if m.Moderation() == collections.ModerationRemoved {
		return nil // hiding does not change more than that
	}
	return setModeration(app, m, level, v.now)
}

// giveBack shows a message again that a penalty had hidden or removed, unless another penalty still does.
func giveBack(app core.App, p *collections.Penalty, now time.Time) error {
	if !p.TakesAway() {
		return nil
	}
	c, err := collections.FindCase(app, p.Cause())
	if err != nil || c == nil {
		return err
	}
	m, err := collections.FindMessage(app, c.Message())
	if err != nil || m == nil || m.Deleted() || !m.Taken() {
		return err
	}
	others, err := collections.FindTakenAway(app, m.Id)
	switch {
	case err != nil:
		return err
	case len(others) > 0:
		return setModeration(app, m, others[0].Level(), now)
	case m.Seq() == 0:
		return release(app, m, now)
	}
	return setModeration(app, m, collections.ModerationApproved, now)
}

// setModeration changes the moderation status of a message and announces it.
func setModeration(app core.App, m *collections.Message, status string, now time.Time) error {
	m.Take(status, now)
	if err := app.SaveNoValidate(m); err != nil {
		return err
	}
	if err := collections.RecountAll(app, m.Conversation()); err != nil {
		return err
	}
	s, err := collections.Situate(app, m.Conversation(), m.Sender(), now)
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

// release shows a held message to the others: it gets its seq as if it were sent now. A conversation that was
// started with it reaches the invited members. If its sender may no longer write there, only the sender keeps seeing it.
func release(app core.App, m *collections.Message, now time.Time) error {
	s, err := collections.Situate(app, m.Conversation(), m.Sender(), now)
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
	revealed, err := address(app, s, m, first)
	if err != nil {
		return err
	}
	seq, err := s.Conversation.Advance(app, now)
	if err != nil {
		return err
	}
	m.Place(seq)
	m.SetText(content)
	if err := m.Seal(app); err != nil { // the seal is bound to its seq
		return err
	}
	if err := app.SaveNoValidate(m); err != nil {
		return err
	}
	if err := collections.NoteMessage(app, m); err != nil {
		return err
	}
	s.AnnounceNew(app, m, revealed)
	return collections.Notify(app, m.Sender(), collections.NoticeApproved, collections.Facts{"conversation": m.Conversation()}, collections.Subject{Type: collections.SubjectMessage, ID: m.Id})
}

// address hides a released message from those who have blocked its sender meanwhile, and from everyone if the
// conversation is over; it shows the conversation to the other participants.
func address(app core.App, s *collections.Situation, m *collections.Message, first bool) (revealed []string, err error) {
	if !s.Own.Sees() || !s.State().Open {
		m.KeepFor(m.Sender())
		return nil, nil
	}
	s.KeepFromBlockers(m)
	if first {
		return s.RevealStart(app)
	}
	return s.Reveal(app)
}
