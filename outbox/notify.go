package outbox

import (
	"fmt"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/internal/readcache"
)

// Notify creates a notification for a member and queues it for delivery, in the transaction of app: it is committed or rolled back
// with its cause.
func Notify(app core.App, user, kind string, facts collections.Facts, about collections.Subject) error {
	n, err := collections.NewNotice(app, user, kind, facts, about)
	if err != nil {
		return err
	}
	return Deliver(app, n, time.Now())
}

// Deliver saves the notification and adds it to the outbox for the channels that the member wants.
func Deliver(app core.App, n *collections.Notice, now time.Time) error {
	preferences, err := collections.FindPreferences(app, n.User())
	if err != nil {
		return err
	}
	settings, err := readcache.Settings(app)
	if err != nil {
		return err
	}
	wanted := WantedChannels(preferences, n.Type())
	if !wanted.App {
		n.HideInApp()
	}
	if err := app.Save(n); err != nil {
		return fmt.Errorf("save notification: %w", err)
	}
	return Dispatch(app, n, wanted, now.Add(settings.EmailAfter()), now)
}

// NotifyModerators leaves every moderator but one a notification about what waits for them.
func NotifyModerators(app core.App, but, what string, about collections.Subject) error {
	moderators, err := collections.FindModerators(app)
	if err != nil {
		return err
	}
	for _, m := range moderators {
		if m.Id == but {
			continue
		}
		if err := Notify(app, m.Id, collections.NoticeCase, collections.Facts{collections.FactWhat: what}, about); err != nil {
			return err
		}
	}
	return nil
}
