package routes

import (
	"errors"
	"net/http"

	validation "github.com/pocketbase/ozzo-validation/v4"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/messaging"
	"carecollective/refusal"
)

// viewPreferences answers GET /messaging/preferences.
func viewPreferences(e *core.RequestEvent) error {
	preferences, err := ownPreferences(e.App, e.Auth.Id)
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, map[string]any{"preferences": preferences})
}

// updatePreferences answers PUT /messaging/preferences: fields left out stay, unknown ones are ignored.
func updatePreferences(e *core.RequestEvent) error {
	sent, err := body(e)
	if err != nil {
		return err
	}
	var preferences *collections.PreferencesRecord
	err = e.App.RunInTransaction(func(txApp core.App) error {
		if preferences, err = ownPreferences(txApp, e.Auth.Id); err != nil {
			return err
		}
		if err := messaging.ChangePreferences(preferences, sent); err != nil {
			return err
		}
		return txApp.Save(preferences)
	})
	var invalid validation.Errors
	if errors.As(err, &invalid) {
		return e.BadRequestError("Some preferences are invalid.", invalid)
	}
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, map[string]any{"preferences": preferences})
}

func ownPreferences(app core.App, member string) (*collections.PreferencesRecord, error) {
	preferences, err := collections.FindPreferences(app, member)
	if err == nil && preferences == nil {
		err = refusal.NotFound()
	}
	return preferences, err
}
