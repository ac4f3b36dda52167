package accounts

import (
	"sync/atomic"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/mailer"

	"carecollective/accounts/mailqueue"
	"carecollective/internal/background"
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

func through(box *mailqueue.Queue) func(*core.MailerEvent) error {
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
	e.Exclude = append(e.Exclude, mailqueue.Dir)
	return e.Next()
}

// runWhileServing sends pending mails from the start of the server to its end.
func runWhileServing(app core.App, box *mailqueue.Queue, server *mailServer) {
	background.Start(app, "accounts.mails", background.Workers, func(e *core.ServeEvent) (stop func(), err error) {
		server.note(e.App)
		return background.Go(box.Run), nil
	})
}
