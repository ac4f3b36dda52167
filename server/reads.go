package server

import (
	"context"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/internal/background"
	"carecollective/internal/bind"
)

// foreignPeriod is how long another process's change may go unnoticed by what the server remembers.
const foreignPeriod = 250 * time.Millisecond

// rememberReads lets the server remember what every request asks for, and forget it in time: what this process changes
// before the change is answered, what another one does within [foreignPeriod].
func rememberReads(app core.App) {
	forget := bind.At(bind.ForgetCache, "reads.forget", func(e *core.ModelEvent) error {
		collections.ForgetReads(app)
		return e.Next()
	})
	remembered := []string{collections.Users, collections.Standings, collections.Settings, "_collections"}
	app.OnModelAfterUpdateSuccess(remembered...).Bind(forget)
	app.OnModelAfterDeleteSuccess(remembered...).Bind(forget)
	background.Start(app, "reads.watch", background.Watchers, func(e *core.ServeEvent) (func(), error) {
		collections.RememberReads(e.App)
		return background.Go(background.Every(foreignPeriod, func(context.Context) { forgetForeign(e.App) })), nil
	})
}

func forgetForeign(app core.App) {
	if err := collections.ForgetForeign(app); err != nil {
		app.Logger().Error("Failed to ask whether others have written", "error", err)
		collections.ForgetReads(app)
	}
}
