// Package egress is the only way to call addresses that someone else has chosen: only HTTPS on its default
// port, only hosts on the public internet, without redirects, and with a limited answer.
package egress

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
)

// ErrForbidden is returned for an address that is not allowed.
var ErrForbidden = errors.New("this address is not allowed")

const (
	httpsPort   = "443"
	dialTimeout = 5 * time.Second
	headTimeout = 10 * time.Second
	idleTimeout = 30 * time.Second

	// Most is the maximum size of an answer that is read.
	Most = 4 << 10
)

// Client returns a client for such calls. patience is the timeout of each.
func Client(patience time.Duration) *http.Client {
	dialer := &net.Dialer{Timeout: dialTimeout, Control: control}
	return &http.Client{
		Timeout: patience,
		Transport: &http.Transport{
			Proxy:                  nil, // not that of the environment: it would be asked to resolve names
			DialContext:            dial(dialer),
			TLSHandshakeTimeout:    dialTimeout,
			ResponseHeaderTimeout:  headTimeout,
			IdleConnTimeout:        idleTimeout,
			MaxIdleConnsPerHost:    16,
			MaxConnsPerHost:        32,
			MaxResponseHeaderBytes: 16 << 10,
			ForceAttemptHTTP2:      true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// dial refuses other ports before a name is even looked up.
func dial(dialer *net.Dialer) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		if _, port, err := net.SplitHostPort(address); err != nil || port != httpsPort {
			return nil, fmt.Errorf("%w: only port %s", ErrForbidden, httpsPort)
		}
		return dialer.DialContext(ctx, network, address)
	}
}

// control checks the resolved address just before the connection is made: what is checked is what is
// called.
func control(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil || !Public(at.Addr()) {
		return fmt.Errorf("%w: it is not on the public internet", ErrForbidden)
	}
	return nil
}

// closed are the ranges that are not on the public internet, beside those that netip knows: shared address space, protocol
// assignments, documentation, benchmarks, reserved ones, and those of IPv6 that carry an IPv4 address.
var closed = prefixes(
	"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
	"::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fec0::/10",
)

func prefixes(list ...string) []netip.Prefix {
	parsed := make([]netip.Prefix, len(list))
	for i, item := range list {
		parsed[i] = netip.MustParsePrefix(item)
	}
	return parsed
}

// Public reports whether an address is on the public internet.
func Public(address netip.Addr) bool {
	address = address.Unmap().WithZone("")
	if !address.IsValid() || !address.IsGlobalUnicast() || address.IsPrivate() {
		return false
	}
	for _, prefix := range closed {
		if prefix.Contains(address) {
			return false
		}
	}
	return true
}
