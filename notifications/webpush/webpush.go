package webpush

import (
	"crypto/ecdh"
	"encoding/base64"
	"net/url"
	"strings"
)

// Services are the hosts of the push services of the four families of browsers. One that begins with a dot stands for all
// hosts below it.
var Services = []string{
	"fcm.googleapis.com",         // Chrome, Edge on Android, Samsung Internet and others
	".push.services.mozilla.com", // Firefox
	".push.apple.com",            // Safari
	".notify.windows.com",        // Edge
}

// longest is more than any push service's addresses have.
const longest = 2_000

// Problem says why a subscription is refused: the field, and a sentence that says what to do.
type Problem struct{ Field, Sentence string }

// Check validates a subscription. more are the hosts that the operator allows in addition to [Services]; nil means no problem.
func Check(endpoint, p256dh, auth string, more []string) *Problem {
	if !AllowedEndpoint(endpoint, more) {
		return &Problem{"endpoint", "`endpoint` must be the address in the browser's push subscription, of a push service that this collective allows."}
	}
	if !validPoint(p256dh) {
		return &Problem{"p256dh", "`p256dh` must be the key in the browser's push subscription."}
	}
	if secret, err := decode(auth); err != nil || len(secret) != 16 {
		return &Problem{"auth", "`auth` must be the secret in the browser's push subscription."}
	}
	return nil
}

// AllowedEndpoint reports whether a URL belongs to a push service: https, on port 443, without user and password, on
// a host that is known or among more.
func AllowedEndpoint(endpoint string, more []string) bool {
	if len(endpoint) > longest {
		return false
	}
	parsed, err := url.Parse(endpoint)
	if err != nil || parsed.Scheme != "https" || parsed.User != nil || parsed.Fragment != "" || parsed.Opaque != "" {
		return false
	}
	if port := parsed.Port(); (port != "" && port != "443") || strings.HasSuffix(parsed.Host, ":") {
		return false
	}
	host := strings.ToLower(parsed.Hostname())
	return allowed(host, Services) || allowed(host, more)
}

func allowed(host string, list []string) bool {
	for _, entry := range list {
		entry = strings.ToLower(strings.TrimSpace(entry))
		if entry != "" && (host == entry || (strings.HasPrefix(entry, ".") && len(entry) > 1 && len(host) > len(entry) && strings.HasSuffix(host, entry))) {
			return true
		}
	}
	return false
}

// validPoint: the key is an uncompressed point of P-256.
func validPoint(key string) bool {
	point, err := decode(key)
	if err != nil {
		return false
	}
	_, err = ecdh.P256().NewPublicKey(point)
	return err == nil
}

// decode reads base64 as browsers write it, and as some libraries do.
func decode(s string) ([]byte, error) {
	if len(s) > 200 {
		return nil, base64.CorruptInputError(200)
	}
	s = strings.NewReplacer("+", "-", "/", "_").Replace(strings.TrimRight(s, "="))
	return base64.RawURLEncoding.DecodeString(s)
}
