package routes

import (
	"net/http"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/internal/store"
	"carecollective/messaging"
	"carecollective/outbox"
	"carecollective/refusal"
)

// markRead answers PUT /messages/{id}/read.
func markRead(e *core.RequestEvent) error {
	now := time.Now()
	readAt := store.Stamp(now)
	err := e.App.RunInTransaction(func(txApp core.App) error {
		m, own, err := messaging.FindVisible(txApp, id(e), e.Auth.Id)
		if err != nil {
			return err
		}
		if m == nil {
			return refusal.NotFound()
		}
		if before := m.ReadAt(); before != "" && m.Sender() != e.Auth.Id {
			readAt = before // it was read then, and stays so
		}
		if err := messaging.MarkRead(txApp, own, m, now); err != nil {
			return err
		}
		return outbox.MarkNoticesRead(txApp, e.Auth.Id, m.Conversation(), now)
	})
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, map[string]any{"message_id": id(e), "read_at": readAt})
}
