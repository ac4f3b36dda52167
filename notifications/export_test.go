package notifications

import (
	"time"

	"github.com/pocketbase/pocketbase/core"
)

// ForgetHosts lets every host be called at once again, as after a while.
func ForgetHosts(n *Notifier) {
	n.lanes.mu.Lock()
	defer n.lanes.mu.Unlock()
	clear(n.lanes.by)
}

// Kill ends the notifier as if the process had died: what is on its way is broken off, and nothing more is recorded.
func Kill(n *Notifier) {
	n.flying.abort()
	n.end()
	n.flying.all.Wait()
	n.records.end()
}

// Stop ends the notifier as the end of the server does.
func Stop(n *Notifier) {
	n.stop()
}

// Pause lets the notifier begin and end nothing until resume is called.
func Pause(n *Notifier) (resume func()) {
	n.flying.mu.Lock()
	return n.flying.mu.Unlock
}

// Tidy does what is done every hour.
func Tidy(app core.App, now time.Time) error { return tidy(app, now) }
