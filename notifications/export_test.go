package notifications

import "github.com/pocketbase/pocketbase/core"

// ForgetHosts lets every host be called at once again, as after a while.
func ForgetHosts(app core.App) {
	n, _ := app.Store().Get(notifierKey).(*Notifier)
	n.lanes.mu.Lock()
	defer n.lanes.mu.Unlock()
	clear(n.lanes.by)
}
