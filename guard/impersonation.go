package guard

import (
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/internal/readcache"
	"carecollective/internal/token"
)

const impersonateRoute = "/api/collections/{collection}/impersonate/{id}"

// loadCaller finds out who calls by what is known of the token, where PocketBase would read and verify it each time.
func loadCaller(e *core.RequestEvent) error {
	if t := token.Of(e); t.Readable() && e.Auth == nil {
		e.Auth = readcache.Caller(e.App, t.Raw, t.Expires(), time.Now())
	}
	return e.Next()
}

// judgeToken marks callers with such tokens, and turns them away while the door is closed: a token lives as long as it
// was asked to, also when the server has long been started without --unlock. A superuser's own token stays good; the
// first sign-in to the dashboard uses one.
func (w *wall) judgeToken(e *core.RequestEvent) error {
	if e.Auth == nil || e.Auth.IsSuperuser() || token.Of(e).Refreshable() {
		return e.Next()
	}
	if !w.unlock[Impersonate] {
		return locked(Impersonate, "Impersonation tokens are not accepted.")
	}
	token.MarkImpersonated(e.Auth)
	return e.Next()
}

// markImpersonation marks the record in the answer that hands such a token out, which PocketBase shows as to its owner.
func markImpersonation(e *core.RecordAuthRequestEvent) error {
	if route(e.Request) == impersonateRoute || !token.Parse(e.Token).Refreshable() {
		token.MarkImpersonated(e.Record)
	}
	return e.Next()
}

// refuseImpersonatedStream: PocketBase replaces the auth record of an open stream when the account changes, and the
// mark would be lost with it.
func refuseImpersonatedStream(e *core.RealtimeSubscribeRequestEvent) error {
	if token.Impersonated(e.Auth) {
		return forbidden("Impersonation tokens cannot be used for live events.")
	}
	return e.Next()
}

// refuseImpersonatedFileToken: a file token no longer tells how its owner came in.
func refuseImpersonatedFileToken(e *core.FileTokenRequestEvent) error {
	if token.Impersonated(e.Auth) {
		return forbidden("Impersonation tokens cannot be used to get file tokens.")
	}
	return e.Next()
}
