package routes

import (
	"net/http"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/consent"
	"carecollective/messaging"
	"carecollective/refusal"
)

// longestRetention is the maximum number of days that two members can choose.
const longestRetention = 3650

// viewRetention answers GET /conversations/{id}/retention.
func viewRetention(e *core.RequestEvent) error {
	s, err := messaging.LoadAccess(e.App, id(e), e.Auth.Id, time.Now())
	if err != nil {
		return err
	}
	if !s.Own.Sees() {
		return refusal.NotFound()
	}
	return answerWithRetention(e, s)
}

// wishRetention answers POST /conversations/{id}/retention: it sets the caller's retention preference; 0 removes it.
func wishRetention(e *core.RequestEvent) error {
	sent, err := body(e)
	if err != nil {
		return err
	}
	wish, err := sent.retention()
	if err != nil {
		return err
	}
	var s *messaging.Access
	err = e.App.RunInTransaction(func(txApp core.App) error {
		if s, err = messaging.LoadAccess(txApp, id(e), e.Auth.Id, time.Now()); err != nil {
			return err
		}
		if err := refusal.FromCode(consent.Next(s.State(), consent.StepRetain).Code); err != nil {
			return err
		}
		if s.Own.RetentionWish() == wish {
			return nil
		}
		return s.ProposeRetention(txApp, wish)
	})
	if err != nil {
		return err
	}
	return answerWithRetention(e, s)
}

// retention reads the preferred number of days; 0 means no preference.
func (f fields) retention() (int, error) {
	n, ok := f["days"].(float64)
	if !ok || n != float64(int(n)) || n < 0 || n > longestRetention {
		return 0, refusal.Field("days", refusal.InvalidValue, "`days` must be a whole number from 1 to 3650, or 0 to withdraw your wish.")
	}
	return int(n), nil
}

func answerWithRetention(e *core.RequestEvent, s *messaging.Access) error {
	theirs := 0
	if s.Other != nil {
		theirs = s.Other.RetentionWish()
	}
	return e.JSON(http.StatusOK, map[string]any{"retention": map[string]any{
		"agreed": s.Conversation.RetentionDays(), "yours": s.Own.RetentionWish(), "theirs": theirs,
		"everywhere": s.Settings.Int("retention_days"),
	}})
}
