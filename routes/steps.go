package routes

import (
	"net/http"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/consent"
	"carecollective/messaging"
)

// step answers POST /conversations/{id}/accept, /decline, /leave and /close.
func step(taken consent.Step) func(*core.RequestEvent) error {
	return func(e *core.RequestEvent) error {
		own, err := messaging.Step(e.App, id(e), e.Auth.Id, taken)
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
