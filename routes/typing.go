package routes

import (
	"net/http"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/consent"
)

// typing answers POST /conversations/{id}/typing. Nothing is stored, and nobody hears of it whom the writer has blocked,
// who has blocked the writer, or who has not accepted.
func typing(live Publisher) func(*core.RequestEvent) error {
	return func(e *core.RequestEvent) error {
		sent, err := body(e)
		if err != nil {
			return err
		}
		isTyping, err := sent.boolean("is_typing")
		if err != nil {
			return err
		}
		s, err := collections.Situate(e.App, id(e), e.Auth.Id, time.Now())
		if err != nil {
			return err
		}
		outcome := consent.Next(s.State(), consent.StepType)
		if err := collections.Refused(outcome.Code); err != nil {
			return err
		}
		if outcome.Silent {
			return e.NoContent(http.StatusNoContent)
		}
		recipients, err := typingReaches(e.App, s)
		if err != nil {
			return err
		}
		live.Typing(s.Conversation.Id, e.Auth.Id, recipients, isTyping)
		return e.NoContent(http.StatusNoContent)
	}
}

func typingReaches(app core.App, s *collections.Situation) ([]string, error) {
	preferences, err := collections.FindPreferences(app, s.Own.User())
	if err != nil || preferences == nil || !preferences.TypingIndicators() {
		return nil, err
	}
	apart := map[string]bool{}
	for _, find := range []func(core.App, string, []string) ([]string, error){collections.BlockersOf, collections.BlockedBy} {
		ids, err := find(app, s.Own.User(), s.Others())
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			apart[id] = true
		}
	}
	var reached []string
	for _, p := range s.Participants {
		if p != s.Own && p.Sees() && p.Accepted() && !apart[p.User()] {
			reached = append(reached, p.User())
		}
	}
	return reached, nil
}
