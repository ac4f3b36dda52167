package routes

import (
	"net/http"
	"strings"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/accounts"
	"carecollective/collections"
	"carecollective/consent"
	"carecollective/internal/readcache"
	"carecollective/internal/store"
	"carecollective/refusal"
	"carecollective/views"
)

// viewStanding answers GET /messaging/standing: what the caller may do at the moment, why, and until when, the decisions
// about them, the guidelines, and how to appeal.
func viewStanding(e *core.RequestEvent) error {
	now := time.Now()
	standing, err := readcache.Standing(e.App, e.Auth.Id, now)
	if err != nil {
		return err
	}
	answer := map[string]any{
		"level": standing.Level, "reason": "", "until": nil, "appeal": nil,
		"restrictions": map[string]any{
			"can_send_messages":       standing.MaySend() == "",
			"can_start_conversations": standing.MayStart() == "",
			"requires_pre_approval":   standing.PreApproval,
			"message_limit_per_day":   standing.PerDay(),
		},
	}
	record, err := collections.FindStanding(e.App, e.Auth.Id)
	if err != nil {
		return err
	}
	if answer["appeal"], err = latestAppeal(e); err != nil {
		return err
	}
	settings, err := readcache.Settings(e.App)
	if err != nil {
		return err
	}
	guidelines, version := settings.Guidelines()
	answer["guidelines"] = map[string]any{"text": guidelines, "version": version}
	if answer["decisions"], err = decisions(e, settings, now); err != nil {
		return err
	}
	if record != nil && !record.Over(now) {
		answer["reason"] = record.Reason()
		if until := record.Until(); !until.IsZero() {
			answer["until"] = store.Stamp(until)
		}
	}
	return e.JSON(http.StatusOK, answer)
}

// decisions are the moderators' decisions about the caller that were not taken back: those in force, and those that
// can still be appealed.
func decisions(e *core.RequestEvent, settings *collections.SettingsRecord, now time.Time) ([]map[string]any, error) {
	penalties, err := collections.FindPenalties(e.App, e.Auth.Id)
	if err != nil {
		return nil, err
	}
	shown := []map[string]any{}
	for _, p := range penalties {
		if !p.Appealable(settings.AppealWindow(), now) {
			continue
		}
		appealed, err := collections.FindAppealOf(e.App, p.Id)
		if err != nil {
			return nil, err
		}
		decision := map[string]any{
			"id": p.Id, "level": p.Level(), "reason": p.Reason(), "from": store.Stamp(p.Begun()), "until": nil,
			"stands": p.Stands(now), "can_appeal": appealed == nil, "message": "",
		}
		if !p.Ends().IsZero() {
			decision["until"] = store.Stamp(p.Ends())
		}
		if p.TakesAway() {
			c, err := collections.FindCase(e.App, p.Cause())
			if err != nil {
				return nil, err
			}
			if c != nil {
				decision["message"] = c.Message()
			}
		}
		shown = append(shown, decision)
	}
	return shown, nil
}

// openToBanned are the paths that a banned member may still use: to see why, to appeal, to export their data and leave.
var openToBanned = []string{"/api/messaging/standing", "/api/moderation/appeals", "/api/appeals/", "/api/me/", "/api/health"}

// signsIn reports whether a path is for signing in, or for staying signed in.
func signsIn(path string) bool {
	return strings.HasSuffix(path, "/auth-refresh") || strings.HasSuffix(path, "/auth-with-password")
}

// keepOutBanned refuses all of the API to a banned member, except [openToBanned] and renewing their token.
func keepOutBanned(e *core.RequestEvent) error {
	path := e.Request.URL.Path
	if e.Auth == nil || e.Auth.Collection().Name != collections.Users || !strings.HasPrefix(path, "/api/") || signsIn(path) {
		return e.Next()
	}
	for _, open := range openToBanned {
		if path == open || (strings.HasSuffix(open, "/") && strings.HasPrefix(path, open)) {
			return e.Next()
		}
	}
	if err := refuseBanned(e); err != nil {
		return err
	}
	return e.Next()
}

func refuseBanned(e *core.RequestEvent) error {
	standing, err := readcache.Standing(e.App, e.Auth.Id, time.Now())
	if err != nil || standing.Level != consent.LevelBanned {
		return err
	}
	return refusal.FromCode(standing.MayRead())
}

// stillWelcome repeats the checks of a request after it has waited.
func stillWelcome(e *core.RequestEvent) error {
	account, err := e.App.FindRecordById(collections.Users, e.Auth.Id)
	if err != nil || account.TokenKey() != e.Auth.TokenKey() || accounts.SessionsOf(e.App).Ended(currentSession(e)) {
		return e.UnauthorizedError("Sign in again.", err)
	}
	return refuseBanned(e)
}

// latestAppeal returns the caller's newest appeal, nil for none.
func latestAppeal(e *core.RequestEvent) (any, error) {
	a, err := collections.FindLatestAppeal(e.App, e.Auth.Id)
	if err != nil || a == nil {
		return nil, err
	}
	return a, views.Appeal(e.App, caller(e), a)
}
