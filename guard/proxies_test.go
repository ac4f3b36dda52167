package guard_test

import (
	"net/http"
	"net/netip"
	"testing"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/guard"
)

func TestAddressHeadersAreBelievedFromNamedProxiesOnly(t *testing.T) {
	ours := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for name, c := range map[string]struct {
		peer     string
		headers  map[string][]string
		settings []string
		want     string
	}{
		"no proxy, no header":                  {peer: "198.51.100.7:1", want: "198.51.100.7"},
		"a stranger who claims":                {peer: "198.51.100.7:1", headers: map[string][]string{"X-Forwarded-For": {"203.0.113.9"}}, want: "198.51.100.7"},
		"a stranger who claims as set":         {peer: "198.51.100.7:1", headers: map[string][]string{"X-Mine": {"203.0.113.9"}}, settings: []string{"X-Mine"}, want: "198.51.100.7"},
		"our proxy":                            {peer: "10.0.0.1:1", headers: map[string][]string{"X-Forwarded-For": {"203.0.113.9"}}, want: "203.0.113.9"},
		"a client who forges the start":        {peer: "10.0.0.1:1", headers: map[string][]string{"X-Forwarded-For": {"192.0.2.1, 203.0.113.9"}}, want: "203.0.113.9"},
		"two of our proxies":                   {peer: "10.0.0.1:1", headers: map[string][]string{"X-Forwarded-For": {"192.0.2.1, 203.0.113.9, 10.0.0.2"}}, want: "203.0.113.9"},
		"a header in two lines":                {peer: "10.0.0.1:1", headers: map[string][]string{"X-Forwarded-For": {"192.0.2.1", "203.0.113.9"}}, want: "203.0.113.9"},
		"our proxy sends rubbish":              {peer: "10.0.0.1:1", headers: map[string][]string{"X-Forwarded-For": {"203.0.113.9, unknown"}}, want: "10.0.0.1"},
		"our proxy sends nothing":              {peer: "10.0.0.1:1", want: "10.0.0.1"},
		"the header that the operator set":     {peer: "[fd00::1]:1", headers: map[string][]string{"X-Mine": {"203.0.113.9"}, "X-Forwarded-For": {"192.0.2.1"}}, settings: []string{"X-Mine"}, want: "203.0.113.9"},
		"a proxy in the other form of address": {peer: "[::ffff:10.0.0.1]:1", headers: map[string][]string{"X-Forwarded-For": {"203.0.113.9"}}, want: "203.0.113.9"},
	} {
		t.Run(name, func(t *testing.T) {
			var real, forwarded string
			h := open(t, guard.Options{TrustedProxies: ours}, func(e *core.ServeEvent) error {
				e.Router.GET("/api/me", func(e *core.RequestEvent) error {
					real, forwarded = e.RealIP(), e.Request.Header.Get("X-Forwarded-For")+e.Request.Header.Get("X-Mine")
					return e.NoContent(http.StatusNoContent)
				})
				return e.Next()
			})
			h.app.Settings().TrustedProxy.Headers = c.settings
			h.send("GET", "/api/me", "", "", "", func(r *http.Request) {
				r.RemoteAddr = c.peer
				for header, values := range c.headers {
					r.Header[header] = values
				}
			})
			if real != c.want || forwarded != "" {
				t.Errorf("address %q, still forwarded %q", real, forwarded)
			}
		})
	}
}
