package routes

import (
	"net/http"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/messaging"
	"carecollective/refusal"
)

// longestRetention is the maximum number of days that two members can choose.
const longestRetention = 3650

// viewRetention answers GET /conversations/{id}/retention.
func viewRetention(e *core.RequestEvent) error {
	r, err := messaging.FindRetention(e.App, id(e), e.Auth.Id)
	return answerWithRetention(e, r, err)
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
	r, err := messaging.WishRetention(e.App, id(e), e.Auth.Id, wish)
	return answerWithRetention(e, r, err)
}

// retention reads the preferred number of days; 0 means no preference.
func (f fields) retention() (int, error) {
	n, ok := f["days"].(float64)
	if !ok || n != float64(int(n)) || n < 0 || n > longestRetention {
		return 0, refusal.Field("days", refusal.InvalidValue, "`days` must be a whole number from 1 to 3650, or 0 to withdraw your wish.")
	}
	return int(n), nil
}

func answerWithRetention(e *core.RequestEvent, r messaging.Retention, err error) error {
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, map[string]any{"retention": map[string]any{
		"agreed": r.Agreed, "yours": r.Own, "theirs": r.Others, "everywhere": r.Everywhere,
	}})
}
