package accounts

import (
	"context"
	"fmt"
	"html"
	"net/mail"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/mailer"

	"carecollective/accounts/outbox"
)

// mailServer is the mail server of the settings, as it was when they were loaded: PocketBase changes them in place while
// mails are sent in the background.
type mailServer struct {
	atomic.Pointer[core.SMTPConfig]
}

func (s *mailServer) note(app core.App) {
	config := app.Settings().SMTP
	s.Store(&config)
}

func (s *mailServer) of(app core.App) core.SMTPConfig {
	if s.Load() == nil { // the settings were loaded before this was bound
		s.note(app)
	}
	return *s.Load()
}

func through(box *outbox.Outbox) func(*core.MailerEvent) error {
	return func(e *core.MailerEvent) error {
		e.Mailer = box
		return e.Next()
	}
}

// sendTestAtOnce makes the dashboard's test mail wait for the mail server, since the superuser wants its answer.
func sendTestAtOnce(e *core.MailerRecordEvent) error {
	const testRecord = "__pb_test_id__" // the id that PocketBase's form gives it
	if smtp := e.App.Settings().SMTP; smtp.Enabled && e.Record.Id == testRecord {
		e.Mailer = &mailer.SMTPClient{
			Host: smtp.Host, Port: smtp.Port, Username: smtp.Username, Password: smtp.Password,
			TLS: smtp.TLS, AuthMethod: smtp.AuthMethod, LocalName: smtp.LocalName,
		}
	}
	return e.Next()
}

// withoutMails excludes the outbox from backups, and keeps it when one is restored.
func withoutMails(e *core.BackupEvent) error {
	e.Exclude = append(e.Exclude, outbox.Dir)
	return e.Next()
}

// runWhileServing sends pending mails from the start of the server to its end.
func runWhileServing(app core.App, box *outbox.Outbox, server *mailServer) {
	app.OnServe().Bind(handler("accounts.serve.mails", func(e *core.ServeEvent) error {
		server.note(e.App)
		ctx, stop := context.WithCancel(context.Background())
		done := make(chan struct{})
		go func() {
			defer close(done)
			box.Run(ctx)
		}()
		e.App.OnTerminate().Bind(handler("accounts.terminate.mails", func(e *core.TerminateEvent) error {
			stop()
			<-done
			return e.Next()
		}))
		return e.Next()
	}))
}

// A notice is a mail of ours to a member, in plain paragraphs.
type notice struct {
	subject    string
	paragraphs []string
}

func somebodyRegistered(site string) notice {
	return notice{"You already have an account at " + site, []string{
		"Somebody tried to register at " + site + " with your e-mail address.",
		"If that was you: you already have an account, so sign in with it. If you do not remember the password, or never confirmed your address, ask there for a new password.",
		"If it was not you, there is nothing to do. Nothing has changed, and they were not told that you have an account.",
	}}
}

func somebodyWantsAddress(site string) notice {
	return notice{"Your e-mail address at " + site, []string{
		"Somebody wanted to use your e-mail address for another account at " + site + ". This is not possible as long as your account has it.",
		"If it was not you, there is nothing to do. Nothing has changed, and they were not told that you have an account.",
	}}
}

func changeAsked(site string) notice {
	return notice{"A new e-mail address was asked for at " + site, []string{
		"A change of the e-mail address of your account at " + site + " was asked for. It takes effect once it is confirmed at the new address, with your password.",
		"If it was not you, somebody else is signed in to your account: change your password now, which signs everybody out.",
	}}
}

func changeDone(site string) notice {
	return notice{"Your e-mail address at " + site + " was changed", []string{
		"Your account at " + site + " has a new e-mail address. This one is no longer used for it.",
		"If it was not you, write to those who run " + site + " at once.",
	}}
}

func erasureAsked(at time.Time) func(site string) notice {
	return func(site string) notice {
		return notice{"Your account at " + site + " is going to be erased", []string{
			"It was asked for that your account at " + site + " be erased, with everything that you wrote. This will be done on " +
				at.UTC().Format("2 January 2006, 15:04 MST") + ", and cannot be undone afterwards.",
			"Until then you can sign in and keep the account.",
			"If it was not you, somebody else knows your password: sign in, keep the account, and change your password, which signs everybody out.",
		}}
	}
}

// tell sends a notice to an address.
func tell(app core.App, to string, compose func(site string) notice) error {
	meta := app.Settings().Meta
	n := compose(meta.AppName)
	paragraphs := slices.Concat(n.paragraphs, []string{meta.AppURL})
	err := app.NewMailClient().Send(&mailer.Message{
		From:    mail.Address{Name: meta.SenderName, Address: meta.SenderAddress},
		To:      []mail.Address{{Address: to}},
		Subject: n.subject,
		Text:    strings.Join(paragraphs, "\n\n") + "\n",
		HTML:    "<p>" + strings.ReplaceAll(html.EscapeString(strings.Join(paragraphs, "\n")), "\n", "</p>\n<p>") + "</p>\n",
	})
	if err != nil {
		return fmt.Errorf("send a mail about an account: %w", err)
	}
	return nil
}
