package moderation

import (
	"slices"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/consent"
	"carecollective/messaging"
	"carecollective/refusal"
)

// applyToMessage hides, removes or releases the message of a case. A held message stops waiting once its case
// is decided: if it is not released, it is hidden.
func (v *Decision) applyToMessage(app core.App, c *collections.Case) error {
	m, err := collections.FindMessage(app, c.Message())
	if err != nil || m == nil || m.Deleted() {
		return err
	}
	lets := slices.Contains([]string{collections.ActApprove, collections.ActPreApprove, collections.ActDismiss}, v.Action)
	switch {
	case v.Action == collections.ActRemove:
		return v.takeAway(app, c, m, consent.LevelRemoved)
	case v.Action == collections.ActHide || (m.Held() && !lets):
		return v.takeAway(app, c, m, consent.LevelHidden)
	case m.Held():
		if err := v.requireLook(app, m); err != nil {
			return err
		}
		return messaging.Release(app, m, v.Now)
	case v.Action == collections.ActApprove && !m.Taken():
		return messaging.SetModeration(app, m, collections.ModerationApproved, v.Now)
	}
	return nil
}

// requireLook refuses to release a message that its sender has changed since the moderator looked.
func (v *Decision) requireLook(app core.App, m *collections.Message) error {
	looked, err := lookedSince(app, v.By, m)
	if err == nil && !looked {
		return refusal.Conflict("The message has been edited since you read it. Read it again.")
	}
	return err
}

// takeAway hides or removes a message. This is a separate penalty, which the sender can appeal.
func (v *Decision) takeAway(app core.App, c *collections.Case, m *collections.Message, level string) error {
	if err := v.impose(app, c.Reported(), level, c.Id, time.Time{}); err != nil {
		return err
	}
	if m.Moderation() == collections.ModerationRemoved {
		return nil // hiding does not change more than that
	}
	return messaging.SetModeration(app, m, level, v.Now)
}

// restoreMessage shows a message again that a penalty had hidden or removed, unless another penalty still does.
func restoreMessage(app core.App, p *collections.Penalty, now time.Time) error {
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
		return messaging.SetModeration(app, m, others[0].Level(), now)
	case m.Seq() == 0:
		return messaging.Release(app, m, now)
	}
	return messaging.SetModeration(app, m, collections.ModerationApproved, now)
}
