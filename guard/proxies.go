package guard

import (
	"net"
	"net/netip"
	"slices"
	"strings"

	"github.com/pocketbase/pocketbase/core"
)

// forwarding are the headers in which proxies report the origin of a request. Anyone can send them.
var forwarding = []string{
	"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "X-Client-Ip",
	"X-Cluster-Client-Ip", "Cf-Connecting-Ip", "True-Client-Ip", "Fly-Client-Ip",
}

// resolveAddress sets the remote address of a request to its client's, for all later handlers: a header is trusted
// only if a peer that the operator named has sent it, and only as far as such peers wrote it. The headers are
// removed, so that nothing later reads them.
func (w *wall) resolveAddress(e *core.RequestEvent) error {
	names := e.App.Settings().TrustedProxy.Headers
	if peer, ok := peerOf(e.Request.RemoteAddr); ok && w.trusts(peer) {
		if client, ok := w.clientIn(e.Request.Header.Values, names); ok {
			e.Request.RemoteAddr = net.JoinHostPort(client.String(), "0")
		}
	}
	for _, name := range slices.Concat(forwarding, names) {
		e.Request.Header.Del(name)
	}
	return e.Next()
}

func peerOf(remote string) (netip.Addr, bool) {
	address, err := netip.ParseAddrPort(remote)
	if err != nil {
		return netip.Addr{}, false
	}
	return address.Addr().Unmap(), true
}

func (w *wall) trusts(address netip.Addr) bool {
	return slices.ContainsFunc(w.proxies, func(p netip.Prefix) bool { return p.Contains(address) })
}

// clientIn reads the first header of names that is there (X-Forwarded-For when the settings name none), from its end:
// each proxy appends whom it heard, so the last address that is no trusted proxy is the client.
func (w *wall) clientIn(values func(string) []string, names []string) (netip.Addr, bool) {
	if len(names) == 0 {
		names = []string{"X-Forwarded-For"}
	}
	for _, name := range names {
		if given := values(name); len(given) > 0 {
			return w.lastStranger(strings.Split(strings.Join(given, ","), ","))
		}
	}
	return netip.Addr{}, false
}

func (w *wall) lastStranger(chain []string) (netip.Addr, bool) {
	for _, hop := range slices.Backward(chain) {
		address, err := netip.ParseAddr(strings.TrimSpace(hop))
		if err != nil {
			return netip.Addr{}, false // beyond this nothing is known
		}
		if address = address.Unmap().WithZone(""); !w.trusts(address) {
			return address, true
		}
	}
	return netip.Addr{}, false
}
