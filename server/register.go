// Package server puts the program together: it configures PocketBase, registers every
// feature in one place (register.go), and serves the API and the web client.
package server

import (
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/accounts"
	"carecollective/accounts/mailqueue"
	"carecollective/collections"
	"carecollective/delivery"
	"carecollective/erasure"
	"carecollective/export"
	"carecollective/guard"
	"carecollective/helping"
	"carecollective/hooks"
	"carecollective/moderation"
	"carecollective/notifications"
	"carecollective/notifications/wording"
	"carecollective/routes"
)

// eraseMails forgets the mails to a member that still wait in box.
func eraseMails(box *mailqueue.Queue) erasure.Step {
	return erasure.Step{What: "the waiting mails", Run: func(app core.App, user string, _ time.Time) error {
		member, err := collections.FindMember(app, user)
		if err != nil || member == nil {
			return err
		}
		return box.Forget(member.ProxyRecord().Email())
	}}
}

// Parts are what tests reach into while the app serves.
type Parts struct {
	Live     *delivery.Live
	Notifier *notifications.Notifier
	Erasing  []erasure.Step // what the features erase of an account
}

// Register binds all behaviour to the app: the same for the program and for every test. Lines of which the place matters say why;
// hooks.golden shows the order that comes of them.
func Register(app core.App, config Config) Parts {
	// Guard is first: what it refuses must not have reached anyone else.
	guard.Register(app, guard.Options{Unlock: config.unlocked(), TrustedProxies: config.TrustedProxies})
	words := config.words()
	// Accounts are before the gates, which judge a new member inside the transaction that accounts.create.rows opens.
	mail := accounts.Register(app, words)
	// The gates are before delivery and exports, which act on what the gates have let pass.
	erasing := []erasure.Step{
		eraseMails(mail),
		{What: "the exports", Run: export.ForgetOf},
		{What: "the help requests", Run: helping.ForgetOf},
		{What: "the evidence", Run: moderation.ForgetDecided},
	}
	hooks.Register(app, words, erasing)
	// Delivery is before the routes, which publish through it.
	live := delivery.Register(app)
	// The routes are after accounts: a caller is asked to confirm their address before their standing is judged.
	routes.Register(app, live)
	// Notifications are after the routes: their middleware counts requests that no other has refused.
	notifier := notifications.Register(app, notifications.Options{Mail: mail, Client: config.Outward, Words: words})
	// Exports show what the views show, and depend on nothing here.
	export.Register(app)

	// These have a place or a stage of their own, wherever their line stands.
	servePublic(app)               // after all routes, because it answers every address that is left
	replicate(app, config.Replica) // begins before everything that writes and ends after it
	watchHealth(app)               // a watcher: it tries to write while the databases are open
	signAuditLog(app)              // a watcher; and before a backup, so that the copy is signed
	limitSlowPeers(app)            // around the complete handler of the server
	rememberReads(app)             // a watcher; and first to hear of a change, so that nobody is answered from before it
	awaitInstaller(app)            // a watcher: it keeps the databases open for PocketBase
	watchMemory(app)               // a watcher
	return Parts{Live: live, Notifier: notifier, Erasing: erasing}
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
