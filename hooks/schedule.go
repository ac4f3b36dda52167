package hooks

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/attachments"
	"carecollective/erasure"
	"carecollective/internal/bind"
	"carecollective/internal/limits"
	"carecollective/internal/readcache"
	"carecollective/internal/store"
	"carecollective/messaging"
	"carecollective/moderation"
)

// registerSchedule closes requests that were not accepted in time, deletes refilled limits and deleted
// data, and runs the upkeep of moderation.
func registerSchedule(app core.App, steps []erasure.Step) {
	app.Cron().MustAdd("collective.tidy", "7 * * * *", func() {
		if err := tidy(app, time.Now()); err != nil {
			app.Logger().Error("Failed to clean up requests and limits", "error", err)
		}
	})
	app.Cron().MustAdd("collective.erasure", "17 * * * *", func() {
		if err := erase(app, steps, time.Now()); err != nil {
			app.Logger().Error("Failed to erase accounts", "error", err)
		}
	})
	app.OnServe().Bind(bind.Handler("serve.erasure", eraseFirst(steps)))
	retire := retirement(app)
	app.Cron().MustAdd("collective.retention", "37 * * * *", func() {
		if err := retire(time.Now()); err != nil {
			app.Logger().Error("Failed to delete messages that are due", "error", err)
		}
	})
	app.Cron().MustAdd("collective.moderation", "*/10 * * * *", func() {
		if err := moderation.Upkeep(app, time.Now()); err != nil {
			app.Logger().Error("Failed to run moderation upkeep", "error", err)
		}
	})
}

// eraseFirst erases, before anyone is served, accounts that an old backup brought back, and those that a kill has
// left half erased. Failures are retried every hour: a server that does not start helps nobody.
func eraseFirst(steps []erasure.Step) func(*core.ServeEvent) error {
	return func(e *core.ServeEvent) error {
		if err := erase(e.App, steps, time.Now()); err != nil {
			e.App.Logger().Error("Failed to erase accounts", "error", err)
		}
		return e.Next()
	}
}

func erase(app core.App, steps []erasure.Step, now time.Time) error {
	return errors.Join(erasure.EraseAgain(app, steps, now), erasure.EraseDue(app, steps, now))
}

// retirement deletes due messages each time it is called. It measures with the process's own clock how
// long ago the previous call was. Only one call runs at a time; a concurrent one does nothing.
func retirement(app core.App) func(now time.Time) error {
	var running sync.Mutex
	var last time.Time
	return func(now time.Time) error {
		if !running.TryLock() {
			return nil
		}
		defer running.Unlock()
		elapsed := time.Duration(-1)
		if !last.IsZero() {
			elapsed = now.Sub(last)
		}
		last = now
		verdict, err := erasure.Retain(app, now, elapsed)
		if verdict == erasure.Wait {
			app.Logger().Warn("Message deletion is paused: the system clock is not trusted yet")
		}
		return err
	}
}

func tidy(app core.App, now time.Time) error {
	settings, err := readcache.Settings(app)
	if err != nil {
		return err
	}
	if again := settings.RequestAgain(); again > 0 {
		err := app.RunInTransaction(func(txApp core.App) error {
			return messaging.CloseStaleRequests(txApp, now.Add(-again), now)
		})
		if err != nil {
			return err
		}
	}
	if err := errors.Join(attachments.SweepFiles(app, now), attachments.SealAvatars(context.Background(), app)); err != nil {
		return err
	}
	if err := limits.SweepBuckets(app, now.Add(-48*time.Hour)); err != nil {
		return err
	}
	return store.TruncateWAL(app)
}
