package messaging

import (
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/internal/store"
	"carecollective/outbox"
	"carecollective/refusal"
)

// Read marks a message, everything older, and the notices about the conversation as read by a member, and returns when the
// message was read first.
func Read(app core.App, id, member string, now time.Time) (readAt string, err error) {
	readAt = store.Stamp(now)
	err = app.RunInTransaction(func(txApp core.App) error {
		m, own, err := FindVisible(txApp, id, member)
		if err != nil {
			return err
		}
		if m == nil {
			return refusal.NotFound()
		}
		if before := m.ReadAt(); before != "" && m.Sender() != member {
			readAt = before // it was read then, and stays so
		}
		if err := MarkRead(txApp, own, m, now); err != nil {
			return err
		}
		return outbox.MarkNoticesRead(txApp, member, m.Conversation(), now)
	})
	return readAt, err
}
