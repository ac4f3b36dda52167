package server

import (
	"context"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/audit"
	"carecollective/internal/background"
	"carecollective/internal/bind"
)

// signPeriod is how much of the audit log's end may be unsigned.
const signPeriod = time.Minute

// signAuditLog has the end of the audit log signed while the server runs, when it stops, and before a backup, so that none of it can be
// changed or cut off afterwards without being seen. Sending a message does not wait for it.
func signAuditLog(app core.App) {
	sign := func(app core.App) {
		if err := audit.Sign(app); err != nil {
			app.Logger().Error("Failed to sign the audit log, see `audit verify`", "error", err)
		}
	}
	app.OnBackupCreate().Bind(bind.At(bind.BeforeBackup, "audit.backup.sign", func(e *core.BackupEvent) error {
		sign(e.App)
		return e.Next()
	}))
	background.Start(app, "audit.sign", background.Watchers, func(e *core.ServeEvent) (func(), error) {
		stop := background.Go(background.Every(signPeriod, func(context.Context) { sign(e.App) }))
		return func() {
			stop()
			sign(e.App)
		}, nil
	})
}
