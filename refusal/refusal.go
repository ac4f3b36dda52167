// Package refusal is the one list of the codes with which this server refuses something, and the errors that carry them.
// Any package may return these errors; package answer turns them into HTTP answers at the edge. It is pure.
package refusal

import (
	"errors"
	"time"
)

// Code names the reason of a refusal. Clients read it in data.policy.code or data.<field>.code and translate it.
type Code string

// Kind says what sort of refusal an [Error] is, which decides the status of the answer and where the code stands in it.
// A Kind is an error, so that errors.Is finds it.
type Kind int

// The kinds. [Any] matches every refusal.
const (
	Any          Kind = iota
	KindPolicy        // a rule of the collective forbids it
	KindLimit         // a limit is used up
	KindField         // one field of the request is wrong
	KindNotFound      // it does not exist, or the caller may not see it
	KindClosed        // the place is closed to the caller altogether
	KindConflict      // someone else was first
)

// Error implements error.
func (k Kind) Error() string { return "refused" }

// Error is a refusal.
type Error struct {
	Kind     Kind
	Code     Code   // why; empty for the kinds whose answers hold no code
	Field    string // KindField: the name of the wrong field
	Sentence string // one plain sentence for the caller
	Quota    Quota  // KindLimit: the state of the limit
}

// Quota is the state of a limit at the moment it was asked.
type Quota struct {
	Limit     int           // how many in a full period
	Remaining int           // how many are left now
	Reset     time.Duration // until the quota is whole again
	Retry     time.Duration // until the next one is possible
}

// Error implements error.
func (e *Error) Error() string { return e.Sentence }

// Is reports whether target is the refusal's [Kind], or [Any].
func (e *Error) Is(target error) bool {
	kind, ok := target.(Kind)
	return ok && (kind == Any || kind == e.Kind)
}

// Is reports whether err is a refusal of any kind, as opposed to a failure.
func Is(err error) bool { return errors.Is(err, Any) }

// IsNotFound reports whether err says that something does not exist, or that the caller may not see it.
func IsNotFound(err error) bool { return errors.Is(err, KindNotFound) }

// IsTooFast reports whether err says that a limit is used up.
func IsTooFast(err error) bool { return errors.Is(err, KindLimit) }

// Policy refuses by a rule of the collective, with the code's own sentence.
func Policy(code Code) *Error { return Forbidden(code, sentences[code]) }

// Forbidden is [Policy] with another sentence.
func Forbidden(code Code, sentence string) *Error {
	return &Error{Kind: KindPolicy, Code: code, Sentence: sentence}
}

// TooFast refuses because a limit is used up.
func TooFast(code Code, quota Quota) *Error {
	return &Error{Kind: KindLimit, Code: code, Sentence: sentences[code], Quota: quota}
}

// Field refuses one wrong field of a request.
func Field(name string, code Code, sentence string) *Error {
	return &Error{Kind: KindField, Field: name, Code: code, Sentence: sentence}
}

// NotFound is the one answer for what does not exist and for what the caller may not see.
func NotFound() *Error {
	return &Error{Kind: KindNotFound, Sentence: "The requested resource wasn't found."}
}

// Closed refuses a place that is closed to the caller altogether, with a sentence of its own.
func Closed(sentence string) *Error { return &Error{Kind: KindClosed, Sentence: sentence} }

// Conflict refuses because someone else was first.
func Conflict(sentence string) *Error { return &Error{Kind: KindConflict, Sentence: sentence} }

// FromCode turns the outcome of a pure rule into an error: nil for "", [NotFound] for [CodeNotFound], else [Policy].
func FromCode(code Code) error {
	switch code {
	case "":
		return nil
	case CodeNotFound:
		return NotFound()
	}
	return Policy(code)
}

// Fields refuses several wrong fields of a record at once, by their names.
type Fields map[string]*Error

// Error implements error.
func (f Fields) Error() string { return "several fields are wrong" }

// Is reports whether target is [KindField] or [Any].
func (f Fields) Is(target error) bool { return target == Any || target == KindField }
