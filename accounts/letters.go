package accounts

import (
	"fmt"
	"html"
	"net/mail"
	"strings"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/mailer"

	"carecollective/collections"
	"carecollective/internal/bind"
	"carecollective/internal/readcache"
	"carecollective/notifications/wording"
)

// The mails about an account, by their names in the language files.
const (
	letterConfirmAddress    = "confirm_address"
	letterResetPassword     = "reset_password"
	letterConfirmNewAddress = "confirm_new_address"
	letterOneTimePassword   = "one_time_password"
	letterSignIn            = "sign_in"
	letterAccountExists     = "account_exists"
	letterAddressWanted     = "address_wanted"
	letterAddressAsked      = "address_asked"
	letterAddressChanged    = "address_changed"
	letterErasure           = "erasure"
)

// Where the links in mails lead: pages of the members' client.
const (
	pageConfirmAddress    = "/auth/confirm-verification/"
	pageResetPassword     = "/auth/confirm-password-reset/" //nolint:gosec // an address, no password
	pageConfirmNewAddress = "/auth/confirm-email-change/"
)

// letters writes the mails about accounts, each in the language of the member whom it is for.
type letters struct{ words *wording.Catalogue }

// languageOf is the language of a mail to a member: their own, else the first of others that there is, else the collective's.
func (l letters) languageOf(app core.App, member *core.Record, others ...string) (string, error) {
	settings, err := readcache.Settings(app)
	if err != nil {
		return "", err
	}
	wishes := append([]string{collections.AsMember(member).Language()}, others...)
	return l.words.For(append(wishes, settings.Language())...), nil
}

// compose writes a mail with a link to a path of the collective, and puts it on message.
func (l letters) compose(app core.App, message *mailer.Message, lang, name, path string, facts wording.Facts) error {
	all := wording.Facts{"site": app.Settings().Meta.AppName}
	for fact, value := range facts {
		all[fact] = value
	}
	letter, err := l.words.Account(lang, name, all)
	if err != nil {
		return err
	}
	letter.Link = strings.TrimRight(app.Settings().Meta.AppURL, "/") + path
	message.Subject = letter.Subject
	message.Text, message.HTML, err = l.words.Write(letter)
	return err
}

// send sends a member a mail to an address, which may be one that they no longer have.
func (l letters) send(app core.App, member *core.Record, to, name string, facts wording.Facts, others ...string) error {
	lang, err := l.languageOf(app, member, others...)
	if err != nil {
		return err
	}
	meta := app.Settings().Meta
	message := &mailer.Message{
		From: mail.Address{Name: meta.SenderName, Address: meta.SenderAddress},
		To:   []mail.Address{{Address: to}},
	}
	if err := l.compose(app, message, lang, name, "", facts); err != nil {
		return err
	}
	if err := app.NewMailClient().Send(message); err != nil {
		return fmt.Errorf("send a mail about an account: %w", err)
	}
	return nil
}

// register puts our words in the place of those of PocketBase's mails to members. Superusers keep PocketBase's, which lead to
// the dashboard.
func (l letters) register(app core.App) {
	app.OnMailerRecordVerificationSend(collections.Users).Bind(bind.Handler("accounts.mail.verification", l.replace(letterConfirmAddress, pageConfirmAddress)))
	app.OnMailerRecordPasswordResetSend(collections.Users).Bind(bind.Handler("accounts.mail.reset", l.replace(letterResetPassword, pageResetPassword)))
	app.OnMailerRecordEmailChangeSend(collections.Users).Bind(bind.Handler("accounts.mail.emailChange", l.replace(letterConfirmNewAddress, pageConfirmNewAddress)))
	app.OnMailerRecordOTPSend(collections.Users).Bind(bind.Handler("accounts.mail.otp", l.replace(letterOneTimePassword, "")))
	app.OnMailerRecordAuthAlertSend(collections.Users).Bind(bind.Handler("accounts.mail.signIn", l.replace(letterSignIn, "")))
}

func (l letters) replace(name, page string) func(*core.MailerRecordEvent) error {
	return func(e *core.MailerRecordEvent) error {
		lang, err := l.languageOf(e.App, e.Record)
		if err != nil {
			return err
		}
		facts := wording.Facts{"password": e.Meta["password"], "info": html.UnescapeString(stringOf(e.Meta["info"]))}
		path := page
		if page != "" {
			path += stringOf(e.Meta["token"])
		}
		if err := l.compose(e.App, e.Message, lang, name, path, facts); err != nil {
			return err
		}
		return e.Next()
	}
}
