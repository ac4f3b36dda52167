package routes

import (
	"net/http"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/erasure"
	"carecollective/internal/limits"
	"carecollective/internal/store"
	"carecollective/refusal"
)

// passwordTries is how many wrong passwords an hour are allowed for erasing the account.
const passwordTries = 5

// viewErasure answers GET /me/erase: when the account is erased, null for never.
func viewErasure(e *core.RequestEvent) error {
	if err := ownersOnly(e); err != nil {
		return err
	}
	asked, err := collections.FindErasure(e.App, e.Auth.Id)
	if err != nil {
		return err
	}
	if asked == nil {
		return e.JSON(http.StatusOK, map[string]any{"erase_at": nil})
	}
	return answerWithErasure(e, http.StatusOK, asked)
}

// askErasure answers POST /me/erase. A token alone does not erase an account: a thief of the token does not know the
// password.
func askErasure(e *core.RequestEvent) error {
	if err := ownersOnly(e); err != nil {
		return err
	}
	sent, err := body(e)
	if err != nil {
		return err
	}
	password, err := sent.text("password")
	if err != nil {
		return err
	}
	if err := requirePassword(e, password); err != nil {
		return err
	}
	var asked *collections.Erasure
	err = e.App.RunInTransaction(func(txApp core.App) error {
		asked, err = erasure.Ask(txApp, e.Auth.Id, time.Now())
		return err
	})
	if err != nil {
		return err
	}
	return answerWithErasure(e, http.StatusAccepted, asked)
}

// takeBackErasure answers DELETE /me/erase: 409 once the erasure has begun, because it cannot be undone.
func takeBackErasure(e *core.RequestEvent) error {
	if err := ownersOnly(e); err != nil {
		return err
	}
	if err := erasure.TakeBack(e.App, e.Auth.Id); err != nil {
		return err
	}
	begun, err := collections.FindErasure(e.App, e.Auth.Id)
	if err != nil {
		return err
	}
	if begun != nil {
		return refusal.Conflict("Your account is already being erased. You can no longer undo this.")
	}
	return e.NoContent(http.StatusNoContent)
}

// requirePassword refuses a wrong password, and too many of them. An attempt is counted before the password is checked, so that
// parallel ones do not all pass; a correct password resets the count.
func requirePassword(e *core.RequestEvent, password string) error {
	key := "erase:" + e.Auth.Id
	err := e.App.RunInTransaction(func(txApp core.App) error {
		quota, ok, err := limits.Allow(txApp, key, passwordTries, time.Hour, time.Now())
		if err == nil && !ok {
			err = refusal.TooFast(refusal.RateLimited, quota)
		}
		return err
	})
	if err != nil {
		return err
	}
	if !e.Auth.ValidatePassword(password) {
		return refusal.Field("password", refusal.InvalidPassword, "This is not your password.")
	}
	return limits.Forget(e.App, key)
}

func answerWithErasure(e *core.RequestEvent, status int, asked *collections.Erasure) error {
	return e.JSON(status, map[string]any{"erase_at": store.Stamp(asked.EraseAt())})
}
