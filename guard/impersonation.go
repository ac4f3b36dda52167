package guard

import (
	"strings"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/security"

	"carecollective/collections"
)

const impersonateRoute = "/api/collections/{collection}/impersonate/{id}"

// ImpersonatedKey is the custom value that the auth record of a request carries when its token was made for someone
// else's use: whoever shows sealed values asks for it with RequestInfo.Auth.GetBool.
const ImpersonatedKey = "@impersonated"

// Impersonated reports whether the caller holds a token that a superuser or a program made in a member's name.
func Impersonated(e *core.RequestEvent) bool {
	return e.Auth != nil && e.Auth.GetBool(ImpersonatedKey)
}

// loadCaller finds out who calls by what is known of the token, where PocketBase would read and verify it each time.
func loadCaller(e *core.RequestEvent) error {
	if token := bearer(e); token != "" && e.Auth == nil {
		e.Auth = collections.FindCaller(e.App, token, time.Now())
	}
	return e.Next()
}

// judgeToken marks callers with such tokens, and turns them away while the door is closed: a token lives as long as it
// was asked to, also when the server has long been started without --unlock. A superuser's own token stays good; the
// first sign-in to the dashboard uses one.
func (w *wall) judgeToken(e *core.RequestEvent) error {
	if e.Auth == nil || e.Auth.IsSuperuser() || refreshable(bearer(e)) {
		return e.Next()
	}
	if !w.unlock[Impersonate] {
		return locked(Impersonate, "Impersonation tokens are not accepted.")
	}
	e.Auth.SetRaw(ImpersonatedKey, true)
	return e.Next()
}

// refreshable reads the claim of a token that PocketBase has verified already.
func refreshable(token string) bool {
	claims, err := security.ParseUnverifiedJWT(token)
	if err != nil {
		return false
	}
	yes, _ := claims[core.TokenClaimRefreshable].(bool)
	return yes
}

func bearer(e *core.RequestEvent) string {
	token := e.Request.Header.Get("Authorization")
	if len(token) > 7 && strings.EqualFold(token[:7], "Bearer ") {
		return token[7:]
	}
	return token
}

// markImpersonation marks the record in the answer that hands such a token out, which PocketBase shows as to its owner.
func markImpersonation(e *core.RecordAuthRequestEvent) error {
	if route(e.Request) == impersonateRoute || !refreshable(e.Token) {
		e.Record.SetRaw(ImpersonatedKey, true)
	}
	return e.Next()
}

// refuseImpersonatedStream: PocketBase replaces the auth record of an open stream when the account changes, and the
// mark would be lost with it.
func refuseImpersonatedStream(e *core.RealtimeSubscribeRequestEvent) error {
	if Impersonated(e.RequestEvent) {
		return forbidden("Impersonation tokens cannot receive live events.")
	}
	return e.Next()
}

// refuseImpersonatedFileToken: a file token no longer tells how its owner came in.
func refuseImpersonatedFileToken(e *core.FileTokenRequestEvent) error {
	if Impersonated(e.RequestEvent) {
		return forbidden("Impersonation tokens cannot get file tokens.")
	}
	return e.Next()
}
