package routes

import (
	"net/http"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/accounts"
	"carecollective/collections"
	"carecollective/internal/store"
	"carecollective/refusal"
)

// listSessions answers GET /me/sessions: the caller's sessions, the most recently used first.
func listSessions(e *core.RequestEvent) error {
	if err := ownersOnly(e); err != nil {
		return err
	}
	lifetime := e.Auth.Collection().AuthToken.DurationTime() + collections.SessionSlack
	found, err := collections.FindSessions(e.App, e.Auth.Id, time.Now().Add(-lifetime))
	if err != nil {
		return err
	}
	current, registry := currentSession(e), accounts.SessionsOf(e.App)
	sessions := make([]map[string]any, len(found))
	for i, s := range found {
		used := s.LastUsed()
		if known := registry.Used(s.Id); known.After(used) {
			used = known
		}
		sessions[i] = map[string]any{
			"id": s.Id, "user_agent": s.UserAgent(), "current": s.Id == current,
			"created_at": store.Stamp(s.Begun()), "last_used_at": store.Stamp(used),
		}
	}
	return e.JSON(http.StatusOK, map[string]any{"sessions": sessions})
}

// endSession answers DELETE /me/sessions/{id}: its tokens become invalid, and its streams end.
func endSession(e *core.RequestEvent) error {
	if err := ownersOnly(e); err != nil {
		return err
	}
	now := time.Now()
	ended, err := collections.EndSession(e.App, e.Auth.Id, id(e), now)
	if err != nil {
		return err
	}
	if !ended {
		return refusal.NotFound()
	}
	accounts.SessionsOf(e.App).End(id(e), now)
	return e.NoContent(http.StatusNoContent)
}

// endAllSessions answers DELETE /me/sessions: every token of the account becomes invalid, including those from before there were sessions.
func endAllSessions(e *core.RequestEvent) error {
	if err := ownersOnly(e); err != nil {
		return err
	}
	err := e.App.RunInTransaction(func(txApp core.App) error {
		account, err := txApp.FindRecordById(collections.Users, e.Auth.Id) // the row as it is now, since all of it is written
		if err != nil {
			return err
		}
		account.RefreshTokenKey()
		return txApp.SaveNoValidate(account)
	})
	if err != nil {
		return err
	}
	return e.NoContent(http.StatusNoContent)
}

// currentSession returns the session of the caller's token; empty if the token is older than sessions are.
func currentSession(e *core.RequestEvent) string {
	session, _ := e.Get(collections.SessionMark).(string)
	return session
}

// ownersOnly refuses impersonation tokens: only the member may see and end their sessions.
func ownersOnly(e *core.RequestEvent) error {
	if !caller(e).Reads {
		return refusal.Policy(refusal.NotAllowed)
	}
	return nil
}
