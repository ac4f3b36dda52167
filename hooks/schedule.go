package hooks

import (
	"errors"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
)

// registerSchedule closes requests that nobody accepted in time, forgets limits that are whole again, and what was
// deleted; and it keeps the promises of moderation that come with time.
func registerSchedule(app core.App) {
	app.Cron().MustAdd("collective.tidy", "7 * * * *", func() {
		if err := tidy(app, time.Now()); err != nil {
			app.Logger().Error("Failed to tidy requests and limits", "error", err)
		}
	})
	app.Cron().MustAdd("collective.moderation", "*/10 * * * *", func() {
		if err := keepPromises(app, time.Now()); err != nil {
			app.Logger().Error("Failed to keep the promises of moderation", "error", err)
		}
	})
}

func keepPromises(app core.App, now time.Time) error {
	settings, err := collections.LoadSettings(app)
	if err != nil {
		return err
	}
	return errors.Join(
		collections.RefreshStandings(app, settings.Ladder(), now),
		collections.EscalateCases(app, now.Add(-settings.Escalate()), now),
		collections.EmptyRemoved(app, now.Add(-settings.AppealWindow())),
		collections.ForgetEvidence(app, now.Add(-settings.KeepEvidence())),
	)
}

func tidy(app core.App, now time.Time) error {
	settings, err := collections.LoadSettings(app)
	if err != nil {
		return err
	}
	if again := settings.RequestAgain(); again > 0 {
		err := app.RunInTransaction(func(txApp core.App) error {
			return collections.CloseStaleRequests(txApp, now.Add(-again), now)
		})
		if err != nil {
			return err
		}
	}
	if err := collections.SweepBuckets(app, now.Add(-48*time.Hour)); err != nil {
		return err
	}
	return collections.ForgetDeleted(app)
}
