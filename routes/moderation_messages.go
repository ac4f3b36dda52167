package routes

import (
	"errors"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/router"

	"carecollective/collections"
)

// treatMessage hides, removes or lets pass the message that a case is about.
func (v *verdict) treatMessage(app core.App, c *collections.Case) error {
	m, err := collections.FindMessage(app, c.Message())
	if err != nil || m == nil {
		return err
	}
	switch {
	case v.action == collections.ActHide:
		return takeAway(app, m, collections.ModerationHidden, v.now)
	case v.action == collections.ActRemove:
		return takeAway(app, m, collections.ModerationRemoved, v.now)
	case !m.Held() && v.action == collections.ActApprove:
		return takeAway(app, m, collections.ModerationApproved, v.now)
	case m.Held() && (v.action == collections.ActApprove || v.action == collections.ActPreApprove):
		return release(app, m, v.now)
	}
	return nil
}

// takeAway gives a message another moderation status, and shows everybody what they see of it now.
func takeAway(app core.App, m *collections.Message, status string, now time.Time) error {
	m.Take(status, now)
	if err := app.SaveNoValidate(m); err != nil {
		return err
	}
	if err := collections.RecountAll(app, m.Conversation()); err != nil {
		return err
	}
	s, err := collections.Situate(app, m.Conversation(), m.Sender(), now)
	if err != nil {
		return ignoreGone(err)
	}
	s.AnnounceChanged(app, m, nil)
	s.AnnounceCounts(app, m)
	return nil
}

// release lets the others see a message that was held: it gets its place as if it were sent now. A conversation that was
// started with it reaches those whom it asks.
func release(app core.App, m *collections.Message, now time.Time) error {
	s, err := collections.Situate(app, m.Conversation(), m.Sender(), now)
	if err != nil {
		return ignoreGone(err)
	}
	content, err := m.Unseal(app)
	if err != nil {
		return err
	}
	first := s.Conversation.LastSeq() == 0
	m.Release(now)
	blockers, err := collections.BlockersOf(app, m.Sender(), s.Others())
	if err != nil {
		return err
	}
	if s.Conversation.Direct() && len(blockers) > 0 {
		m.KeepFor(m.Sender())
	}
	var revealed []string
	if first {
		revealed, err = s.RevealStart(app)
	} else {
		revealed, err = s.Reveal(app)
	}
	if err != nil {
		return err
	}
	seq, err := s.Conversation.Advance(app, now)
	if err != nil {
		return err
	}
	m.Place(seq)
	m.SetText(content)
	if err := m.Seal(app); err != nil { // its place is bound into the seal
		return err
	}
	if err := app.SaveNoValidate(m); err != nil {
		return err
	}
	if err := collections.NoteMessage(app, m); err != nil {
		return err
	}
	s.AnnounceNew(app, m, revealed)
	return collections.Notify(app, m.Sender(), collections.NoticeApproved, "Your message was let through", "A moderator has approved a message of yours.")
}

// ignoreGone passes over what concerns somebody or something that is no longer there.
func ignoreGone(err error) error {
	var refused *router.ApiError
	if errors.As(err, &refused) {
		return nil
	}
	return err
}
