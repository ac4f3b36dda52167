package messaging

import (
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/consent"
	"carecollective/outbox"
	"carecollective/refusal"
)

// notifyAccepted tells the requester that the other member has accepted, unless they have muted or archived the conversation,
// left it, or blocked the other member.
func (s *Access) notifyAccepted(app core.App) error {
	asker := s.Other
	if asker == nil || s.Own.InvitedBy() != asker.User() || !asker.Sees() || asker.Quiet(s.Now) {
		return nil
	}
	block, err := collections.FindBlock(app, asker.User(), s.Own.User())
	if err != nil || block != nil {
		return err
	}
	n, err := collections.NewNotice(app, asker.User(), collections.NoticeAccepted, nil, collections.Subject{})
	if err != nil {
		return err
	}
	n.About(s.Conversation.Id, "")
	return outbox.Deliver(app, n, s.Now)
}

// Step takes a member's step in a conversation, in one transaction: accept, decline, leave or close. It returns the member's
// participant row as it is then.
func Step(app core.App, conversation, member string, taken consent.Step) (own *collections.Participant, err error) {
	err = app.RunInTransaction(func(txApp core.App) error {
		s, err := LoadAccess(txApp, conversation, member, time.Now())
		if err != nil {
			return err
		}
		own = s.Own
		return s.step(txApp, taken)
	})
	return own, err
}

// step carries out the outcome that package consent allows.
func (s *Access) step(app core.App, taken consent.Step) error {
	outcome := consent.Next(s.State(), taken)
	if err := refusal.FromCode(outcome.Code); err != nil {
		return err
	}
	if outcome.Closes {
		if err := closeConversation(app, s); err != nil {
			return err
		}
	}
	leaves := outcome.Leaves && !s.Own.Left()
	switch {
	case leaves:
		s.Own.Leave(s.Now)
	case outcome.Consent != s.Own.Consent():
		s.Own.Answer(outcome.Consent, s.Now)
		if err := Recount(app, s.Own); err != nil {
			return err
		}
	case outcome.Closes:
		s.AnnounceClosed(app)
		return nil
	default:
		return nil
	}
	if err := app.SaveNoValidate(s.Own); err != nil {
		return err
	}
	s.AnnounceStep(app, outcome.Consent != consent.Declined)
	if err := outbox.MarkNoticesRead(app, s.Own.User(), s.Conversation.Id, s.Now); err != nil {
		return err
	}
	if leaves {
		return writeSystemMessage(app, s, "left") // after they have left, so that they are not told
	}
	if outcome.Consent == consent.Accepted {
		if err := s.notifyAccepted(app); err != nil {
			return err
		}
		return writeSystemMessage(app, s, "joined")
	}
	return nil
}

// closeConversation closes a conversation for everyone, and ends its contact exchanges.
func closeConversation(app core.App, s *Access) error {
	if err := s.Conversation.Close(app, s.Now); err != nil {
		return err
	}
	return EndContacts(app, s.Conversation.Id, s.Now)
}

// writeSystemMessage adds a message about joining or leaving to a group; a direct conversation shows it itself.
func writeSystemMessage(app core.App, s *Access, what string) error {
	if s.Conversation.Direct() || !s.Conversation.Active() {
		return nil
	}
	m, err := collections.NewMessage(app, "", s.Conversation.Id, s.Own.User(), what)
	if err != nil {
		return err
	}
	m.SetType(collections.TypeSystem)
	return app.Save(m)
}
