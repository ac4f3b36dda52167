// Package refusal is the one list of what this server answers when it says no: stable codes that a client can
// translate, each with one plain sentence that says what to do. It knows HTTP and nothing of the rules behind it.
package refusal

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	validation "github.com/pocketbase/ozzo-validation/v4"
	"github.com/pocketbase/pocketbase/tools/router"
)

// Code names a refusal by policy. It reaches the client as data.policy.code.
type Code string

// The codes of the contract.
const (
	RecipientUnavailable Code = "recipient_unavailable"
	ConsentPending       Code = "consent_pending"
	ConversationClosed   Code = "conversation_closed"
	BlockedByYou         Code = "blocked_by_you"
	AccountLimited       Code = "account_limited"
	AccountSuspended     Code = "account_suspended"
	AccountBanned        Code = "account_banned"
	EditWindowOver       Code = "edit_window_over"
	ModeratorsOnly       Code = "moderators_only"
	SameModerator        Code = "same_moderator"
	Unverified           Code = "unverified"
	NotAllowed           Code = "not_allowed"
	RateLimited          Code = "rate_limited"
	DailyLimit           Code = "daily_limit"
)

var sentences = map[Code]string{
	RecipientUnavailable: "This member cannot be written to.",
	ConsentPending:       "Please wait until the request is answered.",
	ConversationClosed:   "This conversation is closed. Start a new one to write again.",
	BlockedByYou:         "You have blocked this member. Unblock them to write.",
	AccountLimited:       "Your account is limited at the moment. See your standing for what it may do and how to appeal.",
	AccountSuspended:     "Your account is suspended at the moment. See your standing for how long and how to appeal.",
	AccountBanned:        "Your account is banned. See your standing for why and how to appeal.",
	EditWindowOver:       "The time to edit this message is over. Write a new one instead.",
	ModeratorsOnly:       "Only moderators can do this.",
	SameModerator:        "Another moderator must decide this.",
	Unverified:           "Please confirm your e-mail address first.",
	NotAllowed:           "This step is not possible here.",
	RateLimited:          "You are doing this too fast. Please wait a little and try again.",
	DailyLimit:           "You have reached today's limit. Please try again later.",
}

// Policy refuses by a rule of the collective: 403 with data.policy.code.
func Policy(code Code) *router.ApiError {
	return router.NewApiError(http.StatusForbidden, sentences[code], validation.Errors{
		"policy": validation.NewError(string(code), sentences[code]),
	})
}

// Quota is the state of a limit at the moment it was asked.
type Quota struct {
	Limit     int           // how many in a full period
	Remaining int           // how many are left now
	Reset     time.Duration // until the quota is whole again
	Retry     time.Duration // until the next one is possible
}

type reason = validation.Error // embedded under a name that leaves its method Error visible

type limited struct {
	reason
	quota Quota
}

// TooFast refuses because a limit is used up: 429 with data.policy.code; [Headers] adds the quota's headers.
func TooFast(code Code, quota Quota) *router.ApiError {
	return router.NewApiError(http.StatusTooManyRequests, sentences[code], validation.Errors{
		"policy": limited{validation.NewError(string(code), sentences[code]), quota},
	})
}

// Headers writes the quota of a [TooFast] error into header: Retry-After and the RateLimit fields, all in whole
// seconds, rounded up. Other errors write nothing.
func Headers(header http.Header, err *router.ApiError) {
	fields, _ := err.RawData().(validation.Errors)
	var l limited
	if !errors.As(fields["policy"], &l) {
		return
	}
	header.Set("Retry-After", seconds(max(l.quota.Retry, time.Second)))
	header.Set("RateLimit-Limit", strconv.Itoa(l.quota.Limit))
	header.Set("RateLimit-Remaining", strconv.Itoa(max(l.quota.Remaining, 0)))
	header.Set("RateLimit-Reset", seconds(max(l.quota.Reset, time.Second)))
}

func seconds(d time.Duration) string {
	return strconv.FormatInt(int64((d+time.Second-1)/time.Second), 10)
}

// Field refuses one wrong field of a body: 400 with the reason in data under the field's own name.
func Field(name, code, sentence string) *router.ApiError {
	return router.NewBadRequestError(sentence, validation.Errors{name: validation.NewError(code, sentence)})
}

// NotFound is the one answer for what does not exist and for what the caller may not see.
func NotFound() *router.ApiError {
	return router.NewNotFoundError("", nil)
}

// Closed refuses a place that is closed to the caller altogether: 403, with a sentence of its own.
func Closed(sentence string) *router.ApiError {
	return router.NewForbiddenError(sentence, nil)
}

// Conflict refuses because someone else was first: 409.
func Conflict(sentence string) *router.ApiError {
	return router.NewApiError(http.StatusConflict, sentence, nil)
}
