package routes

import (
	"net/http"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/consent"
	"carecollective/refusal"
)

// step answers POST /conversations/{id}/accept, /decline, /leave and /close.
func step(taken consent.Step) func(*core.RequestEvent) error {
	return func(e *core.RequestEvent) error {
		var own *collections.Participant
		err := e.App.RunInTransaction(func(txApp core.App) error {
			s, err := collections.Situate(txApp, id(e), e.Auth.Id, time.Now())
			if err != nil {
				return err
			}
			own = s.Own
			return take(txApp, s, taken)
		})
		if err != nil {
			return err
		}
		shown, err := shownConversation(e, id(e))
		if err != nil {
			return err
		}
		if shown == nil {
			return e.JSON(http.StatusOK, map[string]any{"conversation": nil, "consent": own.Consent()})
		}
		return e.JSON(http.StatusOK, map[string]any{"conversation": shown, "consent": shown["consent"]})
	}
}

// take carries out the outcome that package consent allows.
func take(app core.App, s *collections.Situation, taken consent.Step) error {
	outcome := consent.Next(s.State(), taken)
	if err := refusal.FromCode(outcome.Code); err != nil {
		return err
	}
	if outcome.Closes {
		if err := shut(app, s); err != nil {
			return err
		}
	}
	leaves := outcome.Leaves && !s.Own.Left()
	switch {
	case leaves:
		s.Own.Leave(s.Now)
	case outcome.Consent != s.Own.Consent():
		s.Own.Answer(outcome.Consent, s.Now)
		if err := s.Own.Recount(app); err != nil {
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
	if err := collections.ReadNotices(app, s.Own.User(), s.Conversation.Id, s.Now); err != nil {
		return err
	}
	if leaves {
		return say(app, s, "left") // after they have left, so that they are not told
	}
	if outcome.Consent == consent.Accepted {
		if err := s.NotifyAccepted(app); err != nil {
			return err
		}
		return say(app, s, "joined")
	}
	return nil
}

// shut closes a conversation for everyone, and ends its contact exchanges.
func shut(app core.App, s *collections.Situation) error {
	if err := s.Conversation.Close(app, s.Now); err != nil {
		return err
	}
	return collections.EndContacts(app, s.Conversation.Id, s.Now)
}

// say adds a message about joining or leaving to a group; a direct conversation shows it itself.
func say(app core.App, s *collections.Situation, what string) error {
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
