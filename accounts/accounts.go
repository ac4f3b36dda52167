// Package accounts covers a member's account apart from messaging: registration, sign-in, what a member
// may say about themselves, mails, and changes of address. It knows nothing of conversations or of a member's standing.
//
// Its main rule: no answer tells a stranger whether someone has an account here.
package accounts

import (
	"path/filepath"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"

	"carecollective/accounts/mailqueue"
	"carecollective/collections"
	"carecollective/internal/bind"
	"carecollective/notifications/wording"
)

// Register binds the rules of accounts to the app, in the order in which a member meets them, and returns the queue of
// its mails. Mails are written with words.
func Register(app core.App, words *wording.Catalogue) *mailqueue.Queue {
	l := letters{words}
	box := registerMails(app)
	l.register(app)
	registerMembers(app, l)
	registerSignIn(app)
	registerSessions(app)
	app.OnServe().Bind(bind.Handler("accounts.serve.routes", func(e *core.ServeEvent) error {
		e.Router.Bind(bind.Handler("accounts.request.confirmed", requireConfirmed))
		e.Router.Bind(bind.Handler("accounts.request.mails", limitMailRequests))
		e.Router.Bind(bind.Handler("accounts.request.emailChange", l.requestEmailChange))
		e.Router.Bind(bind.Handler("accounts.request.confirmEmailChange", limitConfirmations))
		return e.Next()
	}))
	return box
}

// registerMembers binds the rules for a member's own row.
func registerMembers(app core.App, l letters) {
	app.OnRecordCreateRequest(collections.Users).Bind(bind.Handler("accounts.create.request", l.takeRegistration))
	app.OnRecordUpdateRequest(collections.Users).Bind(bind.Handler("accounts.update.request", updateProfile))
	app.OnRecordValidate(collections.Users).Bind(bind.Handler("accounts.validate.profile", checkProfile))
	app.OnRecordCreate(collections.Users).Bind(bind.Handler("accounts.create.defaults", setDefaults))
	app.OnRecordCreate(collections.Users).Bind(bind.Handler("accounts.create.hideEmail", hideEmail))
	app.OnRecordUpdate(collections.Users).Bind(bind.Handler("accounts.update.hideEmail", hideEmail))
	app.OnRecordCreateExecute(collections.Users).Bind(bind.Handler("accounts.create.rows", withOwnRows))
	app.OnRecordConfirmEmailChangeRequest(collections.Users).Bind(bind.Handler("accounts.confirmEmailChange.tellOld", l.tellOldAddress))
	app.OnRecordAfterCreateSuccess(collections.Erasures).Bind(bind.Handler("accounts.erasure.tell", l.tellOfErasure))
}

// registerSignIn binds for every auth collection, superusers included: their passwords can be guessed too.
func registerSignIn(app core.App) {
	app.OnRecordAuthWithPasswordRequest().Bind(bind.Handler("accounts.signIn.limit", limitSignIn))
	app.OnRecordAuthRequest().Bind(bind.Handler("accounts.signIn.confirmed", refuseUnconfirmed))
	app.OnRecordAuthRequest().Bind(bind.Handler("accounts.signIn.remember", rememberDevice))
}

// registerMails sends every mail of the app through the outbox, and keeps that out of backups.
func registerMails(app core.App) *mailqueue.Queue {
	var server mailServer
	box := mailqueue.New(filepath.Join(app.DataDir(), mailqueue.Dir), func() core.SMTPConfig { return server.of(app) }, app.Logger)
	app.OnMailerSend().Bind(bind.Handler("accounts.mail.outbox", through(box)))
	for _, event := range []*hook.TaggedHook[*core.MailerRecordEvent]{
		app.OnMailerRecordVerificationSend(), app.OnMailerRecordPasswordResetSend(), app.OnMailerRecordEmailChangeSend(),
		app.OnMailerRecordOTPSend(), app.OnMailerRecordAuthAlertSend(),
	} {
		event.Bind(bind.Handler("accounts.mail.test", sendTestAtOnce))
	}
	app.OnBackupCreate().Bind(bind.Handler("accounts.backup.withoutMails", withoutMails))
	app.OnBackupRestore().Bind(bind.Handler("accounts.restore.withoutMails", withoutMails))
	app.OnSettingsReload().Bind(bind.Handler("accounts.mail.settings", func(e *core.SettingsReloadEvent) error {
		if err := e.Next(); err != nil {
			return err
		}
		server.note(e.App)
		box.Wake()
		return nil
	}))
	runWhileServing(app, box, &server)
	return box
}
