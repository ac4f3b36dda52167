package server

import (
	"context"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/internal/background"
	"carecollective/internal/bind"
	"carecollective/internal/readcache"
)

// foreignPeriod is how long the read cache may miss another process's change.
const foreignPeriod = 250 * time.Millisecond

// rememberReads enables the read cache for what every request needs, and its invalidation: changes by this process
// before they are answered, changes by another one within [foreignPeriod].
func rememberReads(app core.App) {
	forget := bind.At(bind.ForgetCache, "reads.forget", func(e *core.ModelEvent) error {
		readcache.Invalidate(app)
		return e.Next()
	})
	remembered := []string{collections.Users, collections.Standings, collections.Settings, "_collections"}
	app.OnModelAfterUpdateSuccess(remembered...).Bind(forget)
	app.OnModelAfterDeleteSuccess(remembered...).Bind(forget)
	background.Start(app, "reads.watch", background.Watchers, func(e *core.ServeEvent) (func(), error) {
		readcache.Enable(e.App)
		return background.Go(background.Every(foreignPeriod, func(context.Context) { forgetForeign(e.App) })), nil
	})
}

func forgetForeign(app core.App) {
	if err := readcache.InvalidateIfChangedElsewhere(app); err != nil {
		app.Logger().Error("Failed to check for writes by other processes", "error", err)
		readcache.Invalidate(app)
	}
}
