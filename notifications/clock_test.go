package notifications_test

import (
	"testing"
	"time"

	"github.com/pocketbase/dbx"

	"carecollective/notifications"
)

func TestAClockThatWasAheadSilencesNobody(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	phone := h.push.device("phone")
	phone.subscribe(t, h.ben)
	h.Settings(map[string]any{"notify_after_seconds": 3600})
	h.ana.Says(t, h.conversation, "Written in another year")
	h.exec("UPDATE conversation_participants SET notify_at = '2046-01-01 00:00:00.000Z' WHERE notify_at != ''")
	phone.want(t)
	h.wantAttempt("push", "sent")

	h.Settings(map[string]any{"notify_after_seconds": 0, "email_after_minutes": 10})
	h.exec("UPDATE notification_marks SET mailed_at = '2046-01-01 00:00:00.000Z', mailed_seq = 1")
	h.exec("UPDATE notification_outbox SET due_at = '2046-01-01 00:00:00.000Z'")
	late := func() int {
		return h.count("SELECT COUNT(*) FROM notification_outbox WHERE due_at > {:soon}", dbx.Params{"soon": stampIn(120)})
	}
	if late() != 1 {
		t.Fatal("no mail waits that a wrong clock has put off")
	}
	if err := notifications.Tidy(h.App, time.Now()); err != nil || late() != 0 {
		t.Errorf("what a wrong clock has put off still waits: %v", err)
	}
	h.wantAttempt("email", "sent")
	h.exec("UPDATE notification_marks SET mailed_at = '2046-01-01 00:00:00.000Z'")
	h.readAll(h.ben)
	h.ana.Says(t, h.conversation, "Written now")
	phone.want(t)
	h.settled()
	if late() != 0 {
		t.Error("the next mail waits for another year")
	}
}
