package guard

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/router"
	"github.com/pocketbase/pocketbase/tools/routine"

	"carecollective/collections"
)

// skipSuccess is PocketBase's mark on requests that are logged only when they fail (streams, static files).
const skipSuccess = "__skipSuccessActivityLogger"

// logRequest writes one line per request, instead of PocketBase's own: the route, the caller's role, how it
// ended and how long it took. The route replaces the path and no error text is kept, so that no id, query,
// address, token or word of a member gets into it.
func logRequest(e *core.RequestEvent) error {
	started := time.Now()
	err := e.Next()
	if e.App.Settings().Logs.MaxDays == 0 || (err == nil && e.Get(skipSuccess) != nil) {
		return err
	}
	status := statusOf(e, err)
	attrs := []any{
		slog.String("type", "request"),
		slog.String("method", e.Request.Method),
		slog.Int("status", status),
		slog.Float64("execTime", float64(time.Since(started))/float64(time.Millisecond)),
		slog.String("role", roleOf(e.Auth)),
		slog.String("auth", authOf(e.Auth)),
	}
	attrs = append(attrs, permitted(e)...)
	attrs = append(attrs, causeOf(err, status)...)
	level := slog.LevelInfo
	if status >= http.StatusInternalServerError {
		level = slog.LevelError
	}
	logger, message := e.App.Logger(), e.Request.Method+" "+routeName(e)
	routine.FireAndForget(func() { // from time to time a line has to wait until many are stored
		logger.Log(context.Background(), level, message, attrs...) //nolint:sloglint // the dashboard lists requests by their route
	})
	return err
}

func statusOf(e *core.RequestEvent, err error) int {
	if status := e.Status(); status != 0 || err == nil {
		return max(status, http.StatusOK)
	}
	return router.ToApiError(err).Status
}

// routeName is the route with the collection's name in it, as far as there is such a collection.
func routeName(e *core.RequestEvent) string {
	path := route(e.Request)
	if !strings.Contains(path, "{collection}") {
		return path
	}
	collection, err := e.App.FindCachedCollectionByNameOrId(e.Request.PathValue("collection"))
	if err != nil {
		return path
	}
	return strings.Replace(path, "{collection}", collection.Name, 1)
}

func roleOf(auth *core.Record) string {
	switch {
	case auth == nil:
		return "guest"
	case auth.IsSuperuser():
		return "superuser"
	case auth.Collection().Name != collections.Users:
		return "other"
	case collections.AsMember(auth).IsModerator():
		return collections.RoleModerator
	}
	return collections.RoleMember
}

func authOf(auth *core.Record) string {
	if auth == nil {
		return ""
	}
	return auth.Collection().Name
}

// permitted returns what the operator chose to keep in PocketBase's settings; both are off by default.
func permitted(e *core.RequestEvent) []any {
	var attrs []any
	logs := e.App.Settings().Logs
	if logs.LogAuthId && e.Auth != nil {
		attrs = append(attrs, slog.String("authId", e.Auth.Id))
	}
	if logs.LogIP {
		attrs = append(attrs, slog.String("userIP", e.RealIP()))
	}
	return attrs
}

// causeOf says why a request failed, as far as the operator has to fix it: a database's code, and the error itself when
// it was the server's fault (what is private in that is taken out when it is stored).
func causeOf(err error, status int) []any {
	var attrs []any
	if err == nil {
		return attrs
	}
	causedBy(err, func(err error) bool {
		code, found := sqliteCode(err)
		if found {
			attrs = append(attrs, slog.Int("sqlite", code))
		}
		return found
	})
	if status < http.StatusInternalServerError {
		return attrs
	}
	var api *router.ApiError
	if errors.As(err, &api) {
		if cause, ok := api.RawData().(error); ok && cause != nil {
			err = cause
		}
	}
	return append(attrs, slog.String("error", err.Error()))
}
