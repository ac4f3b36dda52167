package routes

import (
	"net/http"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/consent"
	"carecollective/messaging"
	"carecollective/refusal"
)

// viewPermissions answers GET /messaging/permissions with the outcome that a start would have, and no more than that.
func viewPermissions(e *core.RequestEvent) error {
	if err := messaging.CountPermissionCheck(e.App, e.Auth.Id); err != nil {
		return err
	}
	query := e.Request.URL.Query()
	recipient := query.Get("recipient_id")
	if recipient == "" {
		return refusal.Field("recipient_id", refusal.Required, "`recipient_id` is missing.")
	}
	asking, err := messaging.LoadStartFacts(e.App, collections.AsMember(e.Auth), recipient, query.Get("help_request_id"), false, time.Now())
	if err != nil {
		return err
	}
	decision := consent.Decide(asking.Facts)
	answer := map[string]any{"outcome": decision.Answer.String(), "contact_options": []any{}}
	if decision.Answer == consent.Refuse {
		answer["code"] = decision.Code
		return e.JSON(http.StatusOK, answer)
	}
	options, err := contactOptions(e.App, recipient, decision.Answer)
	if err != nil {
		return err
	}
	answer["contact_options"] = options
	return e.JSON(http.StatusOK, answer)
}

// contactOptions are the ways to reach a member who accepts messages: phone and e-mail need their consent each time.
func contactOptions(app core.App, recipient string, answer consent.Answer) ([]map[string]any, error) {
	member, err := collections.FindMember(app, recipient)
	if err != nil || member == nil {
		return nil, err
	}
	return []map[string]any{
		{"type": "message", "available": true, "requires_consent": answer == consent.Request},
		{"type": collections.ContactPhone, "available": member.HasPhone(), "requires_consent": true},
		{"type": collections.ContactEmail, "available": true, "requires_consent": true},
	}, nil
}
