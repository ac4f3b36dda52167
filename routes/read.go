package routes

import (
	"net/http"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/messaging"
)

// markRead answers PUT /messages/{id}/read.
func markRead(e *core.RequestEvent) error {
	readAt, err := messaging.Read(e.App, id(e), e.Auth.Id, time.Now())
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, map[string]any{"message_id": id(e), "read_at": readAt})
}
