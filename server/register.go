// Package server puts the parts together: what is bound to the app, in which order, and how the program starts and stops.
// It is the only package that knows all the others.
package server

import (
	"github.com/pocketbase/pocketbase/core"

	"carecollective/accounts"
	"carecollective/delivery"
	"carecollective/guard"
	"carecollective/hooks"
	"carecollective/notifications"
	"carecollective/notifications/wording"
	"carecollective/routes"
	"carecollective/takeout"
)

// Register binds all behaviour to the app: the same for the program and for every test.
func Register(app core.App, config Config) {
	guard.Register(app, guard.Options{Unlock: config.unlocked(), TrustedProxies: config.TrustedProxies})
	words := config.words()
	mail := accounts.Register(app, words)
	hooks.Register(app, words)
	routes.Register(app, delivery.Register(app))
	notifications.Register(app, notifications.Options{Mail: mail, Client: config.Outward, Words: words})
	takeout.Register(app)
	servePublic(app)
	replicate(app, config.Replica)
	watchHealth(app)
	signAuditLog(app)
	limitSlowPeers(app)
	rememberReads(app)
	awaitInstaller(app)
	watchMemory(app)
}

func (c Config) words() *wording.Catalogue {
	if c.Words != nil {
		return c.Words
	}
	return wording.Embedded()
}

func (c Config) unlocked() map[string]bool {
	open := map[string]bool{}
	for _, door := range c.Unlock {
		open[door] = true
	}
	return open
}
