package routes

import (
	"net/http"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/consent"
	"carecollective/messaging"
)

// step answers POST /conversations/{id}/accept, /decline, /leave and /close.
func step(taken consent.Step) func(*core.RequestEvent) error {
	return func(e *core.RequestEvent) error {
		var own *collections.Participant
		err := e.App.RunInTransaction(func(txApp core.App) error {
			s, err := messaging.LoadAccess(txApp, id(e), e.Auth.Id, time.Now())
			if err != nil {
				return err
			}
			own = s.Own
			return messaging.Step(txApp, s, taken)
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
