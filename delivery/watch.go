package delivery

import (
	"sync"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
)

// watch ends the streams of members who may no longer read: banned, signed out everywhere, or deleted. It queries the
// database, so that it also sees changes by other processes.
type watch struct {
	app  core.App
	live *Live

	mu    sync.Mutex
	since time.Time
}

func newWatch(app core.App, l *Live) *watch {
	return &watch{app: app, live: l, since: time.Now().Add(-time.Minute)}
}

// lookBack is how much later than its own time a change may be committed.
const lookBack = 2 * time.Second

// recheck ends the streams of changed accounts that may no longer read.
func (w *watch) recheck(now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.live.cutSignedOut()
	if latest := now.Add(-lookBack); latest.Before(w.since) { // the clock was set back
		w.since = latest
	}
	changed, err := collections.FindChangedAccounts(w.app, w.since)
	if err != nil {
		w.app.Logger().Error("Failed to re-check stream permissions", "error", err)
		return
	}
	w.since = now.Add(-lookBack)
	for _, account := range changed {
		for _, s := range w.live.hub.of(account.ID) {
			if auth := s.auth(); account.Banned || auth == nil || auth.TokenKey() != account.TokenKey {
				s.cut()
			}
		}
		w.live.waits.judge(account)
	}
}
