// Package token reads the token with which a request comes. It verifies nothing: that is PocketBase's work, and what a token claims counts
// only once PocketBase has accepted it.
package token

import (
	"strings"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/security"
)

// SessionClaim holds the id of the session that a token is of.
const SessionClaim = "session"

// Token is a token and what it claims.
type Token struct {
	Raw    string
	claims map[string]any // nil when it cannot be read or has expired
}

// read is where a request keeps its token once it was read.
const read = "token"

// Of is the token of a request. It is read once.
func Of(e *core.RequestEvent) Token {
	if known, ok := e.Get(read).(Token); ok {
		return known
	}
	t := Parse(bearer(e.Request.Header.Get("Authorization")))
	e.Set(read, t)
	return t
}

// bearer takes away the scheme, which PocketBase does not ask for.
func bearer(header string) string {
	const scheme = "Bearer "
	if len(header) > len(scheme) && strings.EqualFold(header[:len(scheme)], scheme) {
		return header[len(scheme):]
	}
	return header
}

// Parse reads what a token claims.
func Parse(raw string) Token {
	claims, err := security.ParseUnverifiedJWT(raw)
	if err != nil {
		return Token{Raw: raw}
	}
	return Token{raw, claims}
}

// Readable reports whether the token can be read and has not expired.
func (t Token) Readable() bool { return t.claims != nil }

// Refreshable reports whether the token is of a sign-in. One that was made in someone's name is not.
func (t Token) Refreshable() bool {
	yes, _ := t.claims[core.TokenClaimRefreshable].(bool)
	return yes
}

// Session is the id of the session that the token is of; empty for a token without one.
func (t Token) Session() string {
	id, _ := t.claims[SessionClaim].(string)
	return id
}

// Expires is when the token expires; the zero time when it does not say.
func (t Token) Expires() time.Time {
	if seconds, ok := t.claims["exp"].(float64); ok {
		return time.Unix(int64(seconds), 0)
	}
	return time.Time{}
}

// impersonated is the mark on an auth record whose token was made by a superuser or a program in a member's name.
const impersonated = "@impersonated"

// MarkImpersonated marks an auth record that was loaded by such a token.
func MarkImpersonated(auth *core.Record) { auth.SetRaw(impersonated, true) }

// Impersonated reports whether an auth record was loaded by such a token: sealed values stay sealed for it.
func Impersonated(auth *core.Record) bool { return auth != nil && auth.GetBool(impersonated) }
