// Package server connects all parts: what is bound to the app, in which order, and how the program starts and stops.
// It is the only package that knows all the others.
package server

import (
	"github.com/pocketbase/pocketbase/core"

	"carecollective/accounts"
	"carecollective/delivery"
	"carecollective/guard"
	"carecollective/hooks"
	"carecollective/notifications"
	"carecollective/routes"
	"carecollective/takeout"
)

// Register binds all behaviour to the app: the same for the program and for every test.
func Register(app core.App, config Config) {
	guard.Register(app, guard.Options{Unlock: config.unlocked(), TrustedProxies: config.TrustedProxies})
	mail := accounts.Register(app)
	hooks.Register(app)
	routes.Register(app, delivery.Register(app))
	notifications.Register(app, notifications.Options{Mail: mail, Client: config.Outward})
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

func (c Config) unlocked() map[string]bool {
	open := map[string]bool{}
	for _, door := range c.Unlock {
		open[door] = true
	}
	return open
}
