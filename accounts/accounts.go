// Package accounts covers a member's account apart from messaging: registration, sign-in, what a member
// may say about themselves, mails, and changes of address. It knows nothing of conversations or of a member's standing.
//
// Its main rule: no answer tells a stranger whether someone has an account here.
package accounts

import (
	"path/filepath"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"

	"carecollective/accounts/outbox"
	"carecollective/collections"
)

// Register binds the rules of accounts to the app, in the order in which a member meets them, and returns the queue of
// its mails.
func Register(app core.App) *outbox.Outbox {
	box := registerMails(app)
	registerMembers(app)
	registerSignIn(app)
	registerSessions(app)
	app.OnServe().Bind(handler("accounts.serve.routes", func(e *core.ServeEvent) error {
		e.Router.Bind(handler("accounts.request.confirmed", requireConfirmed))
		e.Router.Bind(handler("accounts.request.mails", limitMailRequests))
		e.Router.Bind(handler("accounts.request.emailChange", requestEmailChange))
		e.Router.Bind(handler("accounts.request.confirmEmailChange", limitConfirmations))
		return e.Next()
	}))
	return box
}

// registerMembers binds the rules for a member's own row.
func registerMembers(app core.App) {
	app.OnRecordCreateRequest(collections.Users).Bind(handler("accounts.create.request", register))
	app.OnRecordUpdateRequest(collections.Users).Bind(handler("accounts.update.request", updateProfile))
	app.OnRecordValidate(collections.Users).Bind(handler("accounts.validate.profile", checkProfile))
	app.OnRecordCreate(collections.Users).Bind(handler("accounts.create.defaults", setDefaults))
	app.OnRecordCreate(collections.Users).Bind(handler("accounts.create.hideEmail", hideEmail))
	app.OnRecordUpdate(collections.Users).Bind(handler("accounts.update.hideEmail", hideEmail))
	app.OnRecordCreateExecute(collections.Users).Bind(handler("accounts.create.rows", withOwnRows))
	app.OnRecordConfirmEmailChangeRequest(collections.Users).Bind(handler("accounts.confirmEmailChange.tellOld", tellOldAddress))
	app.OnRecordAfterCreateSuccess(collections.Erasures).Bind(handler("accounts.erasure.tell", tellOfErasure))
}

// registerSignIn binds for every auth collection, superusers included: their passwords can be guessed too.
func registerSignIn(app core.App) {
	app.OnRecordAuthWithPasswordRequest().Bind(handler("accounts.signIn.limit", limitSignIn))
	app.OnRecordAuthRequest().Bind(handler("accounts.signIn.confirmed", refuseUnconfirmed))
	app.OnRecordAuthRequest().Bind(handler("accounts.signIn.remember", rememberDevice))
}

// registerMails sends every mail of the app through the outbox, and keeps that out of backups.
func registerMails(app core.App) *outbox.Outbox {
	var server mailServer
	box := outbox.New(filepath.Join(app.DataDir(), outbox.Dir), func() core.SMTPConfig { return server.of(app) }, app.Logger)
	app.OnMailerSend().Bind(handler("accounts.mail.outbox", through(box)))
	for _, event := range []*hook.TaggedHook[*core.MailerRecordEvent]{
		app.OnMailerRecordVerificationSend(), app.OnMailerRecordPasswordResetSend(), app.OnMailerRecordEmailChangeSend(),
		app.OnMailerRecordOTPSend(), app.OnMailerRecordAuthAlertSend(),
	} {
		event.Bind(handler("accounts.mail.test", sendTestAtOnce))
	}
	app.OnBackupCreate().Bind(handler("accounts.backup.withoutMails", withoutMails))
	app.OnBackupRestore().Bind(handler("accounts.restore.withoutMails", withoutMails))
	app.OnSettingsReload().Bind(handler("accounts.mail.settings", func(e *core.SettingsReloadEvent) error {
		if err := e.Next(); err != nil {
			return err
		}
		server.note(e.App)
		box.Wake()
		return nil
	}))
	runWhileServing(app, box, &server)
	collections.BeforeErasing(app, func(member *collections.Member) error { return box.Forget(member.ProxyRecord().Email()) })
	return box
}

func handler[T hook.Resolver](id string, run func(T) error) *hook.Handler[T] {
	return &hook.Handler[T]{Id: id, Func: run}
}
