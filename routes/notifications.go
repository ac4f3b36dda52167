package routes

import (
	"net/http"
	"time"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/messaging"
	"carecollective/outbox"
	"carecollective/refusal"
)

// forEver is the end of a permanent mute.
var forEver = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)

// muteFor lists for how long a conversation can be muted.
var muteFor = map[string]func(now time.Time) time.Time{
	"hour":    func(now time.Time) time.Time { return now.Add(time.Hour) },
	"day":     func(now time.Time) time.Time { return now.Add(24 * time.Hour) },
	"forever": func(time.Time) time.Time { return forEver },
}

// muteConversation answers POST /conversations/{id}/mute {for}.
func muteConversation(e *core.RequestEvent) error {
	sent, err := body(e)
	if err != nil {
		return err
	}
	chosen, err := sent.text("for")
	if err != nil {
		return err
	}
	until, known := muteFor[chosen]
	if !known {
		return refusal.Field("for", refusal.InvalidValue, "Choose hour, day or forever.")
	}
	return mute(e, until(time.Now()))
}

// unmuteConversation answers DELETE /conversations/{id}/mute.
func unmuteConversation(e *core.RequestEvent) error { return mute(e, time.Time{}) }

func mute(e *core.RequestEvent, until time.Time) error {
	var own *collections.Participant
	err := e.App.RunInTransaction(func(txApp core.App) (err error) {
		own, err = collections.FindParticipant(txApp, id(e), e.Auth.Id)
		if err != nil {
			return err
		}
		if !own.Sees() {
			return refusal.NotFound()
		}
		return messaging.Mute(txApp, own, until)
	})
	if err != nil {
		return err
	}
	if err := apis.EnrichRecord(e, own.ProxyRecord()); err != nil {
		return err
	}
	return e.JSON(http.StatusOK, map[string]any{"participant": own})
}

// readNotifications answers POST /notifications/read: it marks all notifications of the caller as read.
func readNotifications(e *core.RequestEvent) error {
	err := e.App.RunInTransaction(func(txApp core.App) error {
		return outbox.MarkAllNoticesRead(txApp, e.Auth.Id, time.Now())
	})
	if err != nil {
		return err
	}
	return e.NoContent(http.StatusNoContent)
}
