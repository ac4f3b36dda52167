// Package answer turns the refusals of the domain into PocketBase's HTTP errors. It is the only place that does so:
// [Gate] wraps what is bound to PocketBase's hooks, [Middleware] what is bound to its router.
package answer

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	validation "github.com/pocketbase/ozzo-validation/v4"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"
	"github.com/pocketbase/pocketbase/tools/inflector"
	"github.com/pocketbase/pocketbase/tools/router"

	"carecollective/refusal"
)

// policy is the name in data under which the code of a policy or limit stands.
const policy = "policy"

var statuses = map[refusal.Kind]int{
	refusal.KindPolicy:   http.StatusForbidden,
	refusal.KindLimit:    http.StatusTooManyRequests,
	refusal.KindField:    http.StatusBadRequest,
	refusal.KindNotFound: http.StatusNotFound,
	refusal.KindClosed:   http.StatusForbidden,
	refusal.KindConflict: http.StatusConflict,
}

// Status returns the HTTP status of a kind of refusal, 0 for [refusal.Any].
func Status(kind refusal.Kind) int { return statuses[kind] }

// From turns a refusal into the error that PocketBase answers it with, and returns every other error as it is. The
// refusal stays inside, so that errors.Is still finds its kind.
func From(err error) error {
	var api *router.ApiError
	if err == nil || errors.As(err, &api) {
		return err
	}
	var refused *refusal.Error
	if errors.As(err, &refused) {
		return apiError(refused)
	}
	var fields refusal.Fields
	if errors.As(err, &fields) {
		return invalid(fields)
	}
	return err
}

func apiError(r *refusal.Error) *router.ApiError {
	api := router.NewApiError(statuses[r.Kind], r.Sentence, r)
	if r.Code == "" {
		return api
	}
	name := policy
	if r.Kind == refusal.KindField {
		name = r.Field
	}
	api.Data[name] = map[string]any{"code": string(r.Code), "message": inflector.Sentenize(r.Sentence)}
	return api
}

// invalid is the error to which PocketBase's endpoints add their own sentence, as for what their own validation finds.
func invalid(fields refusal.Fields) validation.Errors {
	errs := validation.Errors{}
	for name, r := range fields {
		errs[name] = validation.NewError(string(r.Code), r.Sentence)
	}
	return errs
}

// Gate makes handler answer its refusals. Hooks on records need it, because PocketBase answers an error that it does not
// know with a general 400.
func Gate[T hook.Resolver](handler func(T) error) func(T) error {
	return func(e T) error { return From(handler(e)) }
}

// Middleware answers the refusals of every later handler, the headers of a limit included.
func Middleware(e *core.RequestEvent) error {
	err := From(e.Next())
	Headers(e.Response.Header(), err)
	return err
}

// Headers writes the state of a limit that is used up into header: Retry-After and the RateLimit fields, in whole seconds,
// rounded up. Other errors write nothing.
func Headers(header http.Header, err error) {
	r := refusalIn(err)
	if r == nil || r.Kind != refusal.KindLimit {
		return
	}
	header.Set("Retry-After", seconds(max(r.Quota.Retry, time.Second)))
	header.Set("RateLimit-Limit", strconv.Itoa(r.Quota.Limit))
	header.Set("RateLimit-Remaining", strconv.Itoa(max(r.Quota.Remaining, 0)))
	header.Set("RateLimit-Reset", seconds(max(r.Quota.Reset, time.Second)))
}

// refusalIn finds the refusal that err is, or was translated from.
func refusalIn(err error) *refusal.Error {
	var refused *refusal.Error
	if errors.As(err, &refused) {
		return refused
	}
	var api *router.ApiError
	if !errors.As(err, &api) {
		return nil
	}
	if refused, ok := api.RawData().(*refusal.Error); ok {
		return refused
	}
	return nil
}

func seconds(d time.Duration) string {
	return strconv.FormatInt(int64((d+time.Second-1)/time.Second), 10)
}
