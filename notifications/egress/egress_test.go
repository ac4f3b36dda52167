package egress_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"testing"
	"time"

	"carecollective/notifications/egress"
)

func TestOnlyTheOpenInternetIsPublic(t *testing.T) {
	t.Parallel()
	for address, public := range map[string]bool{
		"8.8.8.8": true, "142.250.1.95": true, "2a00:1450:4001:82a::200a": true,
		"0.0.0.0": false, "0.1.2.3": false, "10.0.0.1": false, "100.64.0.1": false, "127.0.0.1": false, "127.8.8.8": false,
		"169.254.169.254": false, "172.16.0.1": false, "172.31.255.255": false, "192.0.0.8": false, "192.0.2.1": false, "192.168.1.1": false,
		"198.18.0.1": false, "198.51.100.1": false, "203.0.113.1": false, "224.0.0.1": false, "240.0.0.1": false, "255.255.255.255": false,
		"::": false, "::1": false, "::ffff:127.0.0.1": false, "::ffff:10.0.0.1": false, "::127.0.0.1": false, "64:ff9b::7f00:1": false, "2002:7f00:1::": false,
		"2001::1": false, "2001:db8::1": false, "fc00::1": false, "fd00::1": false, "fe80::1": false, "fe80::1%eth0": false, "ff02::1": false,
		"::ffff:8.8.8.8": true,
	} {
		if got := egress.Public(netip.MustParseAddr(address)); got != public {
			t.Errorf("%s: public is %v", address, got)
		}
	}
}

func TestWhatLeadsInsideIsNotCalled(t *testing.T) {
	t.Parallel()
	inside := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("somebody came through") }))
	t.Cleanup(inside.Close)
	for name, address := range map[string]string{
		"another port":                  inside.URL,
		"the machine itself":            "https://127.0.0.1/",
		"the machine itself, by name":   "https://localhost/",
		"the machine itself, by IPv6":   "https://[::1]/",
		"the machine itself, disguised": "https://[::ffff:127.0.0.1]/",
		"plain HTTP":                    "http://127.0.0.1/",
		"what clouds tell their own":    "https://169.254.169.254/latest/meta-data/",
		"the house next door":           "https://192.168.0.1/",
	} {
		response, err := egress.Client(30 * time.Second).Get(address)
		if err == nil {
			_ = response.Body.Close()
		}
		if !errors.Is(err, egress.ErrForbidden) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestNoDetourIsTaken(t *testing.T) {
	t.Parallel()
	client := egress.Client(time.Second)
	transport, ok := client.Transport.(*http.Transport)
	if !ok || transport.Proxy != nil {
		t.Error("the proxy of the environment is asked")
	}
	if err := client.CheckRedirect(&http.Request{URL: &url.URL{}}, nil); !errors.Is(err, http.ErrUseLastResponse) {
		t.Error("a redirect is followed")
	}
}
