package webpush_test

import (
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"net/url"
	"strings"
	"testing"

	"carecollective/notifications/webpush"
)

const auth = "AAECAwQFBgcICQoLDA0ODw" // sixteen bytes

func TestOnlyPushServicesAreReached(t *testing.T) {
	t.Parallel()
	key, more := point(t), []string{"push.collective.example", ".own.example"}
	for endpoint, fine := range map[string]bool{
		"https://fcm.googleapis.com/fcm/send/abc":                true,
		"https://FCM.googleapis.com:443/fcm/send/abc":            true,
		"https://updates.push.services.mozilla.com/wpush/v2/abc": true,
		"https://web.push.apple.com/abc":                         true,
		"https://wns2-par02p.notify.windows.com/w/?token=abc":    true,
		"https://push.collective.example/abc":                    true,
		"https://a.own.example/abc":                              true,
		"https://own.example/abc":                                false,
		"https://evilown.example/abc":                            false,
		"http://fcm.googleapis.com/fcm/send/abc":                 false,
		"https://fcm.googleapis.com:8443/fcm/send/abc":           false,
		"https://fcm.googleapis.com:/fcm/send/abc":               false,
		"https://fcm.googleapis.com.evil.example/abc":            false,
		"https://evil.example/fcm.googleapis.com":                false,
		"https://fcm.googleapis.com@evil.example/abc":            false,
		"https://user:pass@fcm.googleapis.com/abc":               false,
		"https://evilpush.apple.com/abc":                         false,
		"https://push.apple.com/abc":                             false,
		"https://127.0.0.1/abc":                                  false,
		"https://[::1]/abc":                                      false,
		"https://2130706433/abc":                                 false,
		"https://localhost/abc":                                  false,
		"https://169.254.169.254/latest/meta-data":               false,
		"https:fcm.googleapis.com/abc":                           false,
		"//fcm.googleapis.com/abc":                               false,
		"file:///etc/passwd":                                     false,
		"https://fcm.googleapis.com./abc":                        false,
		"https://fcm.googleapis.com%2eevil.example/abc":          false,
		"": false,
		"https://fcm.googleapis.com/" + strings.Repeat("a", 2_000): false,
	} {
		if problem := webpush.Check(endpoint, key, auth, more); (problem == nil) != fine {
			t.Errorf("%q: %v", endpoint, problem)
		}
	}
}

func TestKeysAreKeys(t *testing.T) {
	t.Parallel()
	const endpoint = "https://fcm.googleapis.com/fcm/send/abc"
	key := point(t)
	offCurve := base64.RawURLEncoding.EncodeToString(append([]byte{4}, make([]byte, 64)...))
	for name, c := range map[string]struct{ p256dh, auth, field string }{
		"as browsers write them":     {key, auth, ""},
		"with padding":               {key + "=", auth + "==", ""},
		"of another alphabet":        {strings.NewReplacer("-", "+", "_", "/").Replace(key), auth, ""},
		"a key that is missing":      {"", auth, "p256dh"},
		"a key that is no base64":    {"***", auth, "p256dh"},
		"a key that is too short":    {key[:80], auth, "p256dh"},
		"a point off the curve":      {offCurve, auth, "p256dh"},
		"a key without end":          {strings.Repeat("A", 100_000), auth, "p256dh"},
		"a secret that is missing":   {key, "", "auth"},
		"a secret that is too short": {key, auth[:10], "auth"},
		"a secret that is too long":  {key, auth + auth, "auth"},
	} {
		problem := webpush.Check(endpoint, c.p256dh, c.auth, nil)
		if (problem == nil) != (c.field == "") || (problem != nil && problem.Field != c.field) {
			t.Errorf("%s: %v", name, problem)
		}
	}
}

// FuzzAllowedEndpoint: whatever is allowed is https on the port of https, on a host of the list.
func FuzzAllowedEndpoint(f *testing.F) {
	f.Add("https://fcm.googleapis.com/x")
	f.Add("https://fcm.googleapis.com@127.0.0.1/x")
	f.Add("https://web.push.apple.com:443\\@evil.example/")
	f.Fuzz(func(t *testing.T, endpoint string) {
		if !webpush.AllowedEndpoint(endpoint, nil) {
			return
		}
		parsed, err := url.Parse(endpoint)
		if err != nil || parsed.Scheme != "https" || (parsed.Port() != "" && parsed.Port() != "443") || parsed.User != nil {
			t.Fatalf("%q is allowed", endpoint)
		}
		host := strings.ToLower(parsed.Hostname())
		for _, service := range webpush.Services {
			if host == service || strings.HasSuffix(host, service) {
				return
			}
		}
		t.Fatalf("the host %q is allowed", host)
	})
}

func point(t *testing.T) string {
	t.Helper()
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return base64.RawURLEncoding.EncodeToString(key.PublicKey().Bytes())
}
