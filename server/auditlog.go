package server

import (
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"

	"carecollective/collections"
)

// signPeriod is how much of the audit log's end may be unsigned.
const signPeriod = time.Minute

// signAuditLog has the end of the audit log signed while the server runs, when it stops, and before a backup, so that none of it can be
// changed or cut off afterwards without being seen. Sending a message does not wait for it.
func signAuditLog(app core.App) {
	sign := func(app core.App) {
		if err := collections.SignAudit(app); err != nil {
			app.Logger().Error("Failed to sign the audit log, see `audit verify`", "error", err)
		}
	}
	app.OnBackupCreate().Bind(&hook.Handler[*core.BackupEvent]{Id: "backup.signAudit", Priority: -10, Func: func(e *core.BackupEvent) error {
		sign(e.App)
		return e.Next()
	}})
	app.OnServe().Bind(&hook.Handler[*core.ServeEvent]{Id: "serve.signAudit", Func: func(e *core.ServeEvent) error {
		stop, stopped := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(stopped)
			every(signPeriod, stop, func() { sign(e.App) })
		}()
		e.App.OnTerminate().Bind(&hook.Handler[*core.TerminateEvent]{Id: "terminate.signAudit", Priority: -1, Func: func(t *core.TerminateEvent) error {
			close(stop)
			<-stopped
			sign(t.App)
			return t.Next()
		}})
		return e.Next()
	}})
}

// every runs do at once and then again and again, until stop is closed.
func every(period time.Duration, stop <-chan struct{}, do func()) {
	tick := time.NewTicker(period)
	defer tick.Stop()
	for {
		do()
		select {
		case <-tick.C:
		case <-stop:
			return
		}
	}
}
