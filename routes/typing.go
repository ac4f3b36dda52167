package routes

import (
	"net/http"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/consent"
	"carecollective/messaging"
	"carecollective/refusal"
)

// typing answers POST /conversations/{id}/typing. Nothing is stored. It reaches nobody whom the writer has blocked,
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
		s, err := messaging.LoadAccess(e.App, id(e), e.Auth.Id, time.Now())
		if err != nil {
			return err
		}
		outcome := consent.Next(s.State(), consent.StepType)
		if err := refusal.FromCode(outcome.Code); err != nil {
			return err
		}
		if outcome.Silent {
			return e.NoContent(http.StatusNoContent)
		}
		recipients, err := s.TypingReaches(e.App)
		if err != nil {
			return err
		}
		live.Typing(s.Conversation.Id, e.Auth.Id, recipients, isTyping)
		return e.NoContent(http.StatusNoContent)
	}
}
