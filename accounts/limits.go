package accounts

import (
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"strings"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/internal/limits"
	"carecollective/refusal"
)

// Hourly limits that are not in the settings, because they protect safety.
const (
	failuresPerDevice      = 10  // wrong passwords for one account from a device that it knows
	failuresPerAddress     = 10  // wrong passwords for one account from one address
	signInsPerAccount      = 100 // sign-ins to one account from all devices that it does not know; then
	failuresUnderAttack    = 3   // wrong passwords for it from one address
	passwordsPerToken      = 10  // passwords tried to confirm one change of e-mail
	emailChangesPerAccount = 5
	mailsPerPair           = 5  // asked for by one address for one recipient
	mailsPerAddress        = 30 // asked for by one address
	mailsPerRecipient      = 10 // often enough that a valid reset link is always available
)

// take consumes one of limit per hour for key, or refuses.
func take(app core.App, key string, limit int) error {
	return app.RunInTransaction(func(txApp core.App) error {
		quota, ok, err := limits.Allow(txApp, key, limit, time.Hour, time.Now())
		if err == nil && !ok {
			err = refusal.TooFast(refusal.RateLimited, quota)
		}
		return err
	})
}

// takeAll consumes one of each limit, or refuses and consumes nothing.
func takeAll(app core.App, limits map[string]int) error {
	return app.RunInTransaction(func(txApp core.App) error {
		for key, limit := range limits {
			if err := take(txApp, key, limit); err != nil {
				return err
			}
		}
		return nil
	})
}

// address returns the client address of the request. Anyone who has one IPv6 address has a whole network of them: the network counts as one.
func address(e *core.RequestEvent) string {
	ip, err := netip.ParseAddr(e.RealIP())
	if err != nil {
		return "unknown"
	}
	if ip = ip.Unmap(); ip.Is4() {
		return ip.String()
	}
	network, _ := ip.WithZone("").Prefix(64) // an IPv6 address always has one
	return network.String()
}

// key names a limit. Addresses and e-mails are hashed: the counter need not know them.
func key(limit string, of ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(of, "\x00")))
	return "accounts." + limit + ":" + hex.EncodeToString(sum[:16])
}

// sameEmail returns the same value for all spellings of one e-mail address.
func sameEmail(email string) string { return strings.ToLower(strings.TrimSpace(email)) }
