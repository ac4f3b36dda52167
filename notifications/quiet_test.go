package notifications_test

import (
	"testing"
	"time"

	"carecollective/internal/apptest"
	"carecollective/outbox"
)

// quietNow makes it quiet for a member, from an hour ago for two hours.
func (h *house) quietNow(member *apptest.Person) {
	h.t.Helper()
	now := time.Now().UTC()
	member.Put("/messaging/preferences", apptest.JSON{
		"quiet_hours_start": now.Add(-time.Hour).Format("15:04"), "quiet_hours_end": now.Add(time.Hour).Format("15:04"),
	}).Want(h.t, 200)
}

// loud ends the quiet hours of a member now.
func (h *house) loud(member *apptest.Person) {
	h.t.Helper()
	now := time.Now().UTC()
	member.Put("/messaging/preferences", apptest.JSON{
		"quiet_hours_start": now.Add(-3 * time.Hour).Format("15:04"), "quiet_hours_end": now.Add(-2 * time.Hour).Format("15:04"),
	}).Want(h.t, 200)
}

func TestInQuietHoursEverythingWaitsForOneSummary(t *testing.T) {
	t.Parallel()
	h, server := newHouse(t), newMailServer(t)
	cleo := h.Member("Cleo")
	other := cleo.Meets(t, h.ben)
	h.settled()
	h.exec("DELETE FROM notification_outbox")
	h.exec("DELETE FROM notifications WHERE type = 'request'") // a slow machine tells of it before it is accepted
	h.mailsBy(server)
	phone := h.push.device("phone")
	phone.subscribe(t, h.ben)
	h.quietNow(h.ben)
	for _, text := range []string{"One", "Two"} {
		h.ana.Says(t, h.conversation, text)
		cleo.Says(t, other, text)
		h.wantAttempt("push", "held")
		h.wantAttempt("email", "held")
	}
	h.settled()
	h.until("nothing but one summary a channel waits", func() bool {
		return h.count("SELECT COUNT(*) FROM notification_outbox WHERE kind != 'summary'", nil) == 0 &&
			h.count("SELECT COUNT(*) FROM notification_outbox", nil) == 2
	})
	if told := h.notices(h.ben); len(told) != 2 {
		t.Errorf("in the app, which is never quiet: %v", told)
	}
	phone.none(t)
	server.none(t)
	h.loud(h.ben)
	if came := phone.want(t); came.Payload["type"] != "summary" || len(came.Payload) != 2 {
		t.Errorf("the device was told %v", came.Payload)
	}
	if l := server.want(t); !contains(l.Text, "5 unread messages in 2 conversations") {
		t.Errorf("the mail says %s", l.Text)
	}
	h.wantAttempt("push", "sent")
	phone.none(t)
	server.none(t)
}

func TestASummaryTellsOfEverythingThatWouldComeByMail(t *testing.T) {
	t.Parallel()
	h, server := newHouse(t), newMailServer(t)
	h.mailsBy(server)
	h.quietNow(h.ben)
	h.ana.Says(t, h.conversation, "One")
	h.wantAttempt("email", "held")
	h.Settings(apptest.JSON{"email_after_minutes": 10})
	h.ana.Says(t, h.conversation, "Two")
	h.settled()
	if err := outbox.QueueDigest(h.App, h.ben.ID, time.Now(), time.Now()); err != nil {
		t.Fatal(err)
	}
	h.until("the digest has joined the summary", func() bool { return len(h.attempts("email")) == 2 })
	h.loud(h.ben)
	if l := server.want(t); !contains(l.Text, "2 unread messages in one conversation") {
		t.Errorf("the mail says %s", l.Text)
	}
	h.wantAttempt("email", "sent")
	h.retryNow()
	h.until("nothing waits", func() bool {
		return h.count("SELECT COUNT(*) FROM notification_outbox WHERE channel = 'email'", nil) == 0
	})
	server.none(t)
}

func TestASummaryOfWhatWasReadIsNone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	phone := h.push.device("phone")
	phone.subscribe(t, h.ben)
	h.quietNow(h.ben)
	h.ana.Says(t, h.conversation, "One")
	h.wantAttempt("push", "held")
	h.readAll(h.ben)
	h.loud(h.ben)
	h.wantAttempt("push", "dropped")
	phone.none(t)
}

func TestQuietHoursAreThoseOfTheMembersZone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	phone := h.push.device("phone")
	phone.subscribe(t, h.ben)
	h.quietNow(h.ben) // in UTC
	h.ben.Patch("/collections/users/records/"+h.ben.ID, apptest.JSON{"time_zone": "Pacific/Kiritimati"}).Want(t, 200)
	h.ana.Says(t, h.conversation, "It is not quiet on the island")
	phone.want(t)
	h.ben.Patch("/collections/users/records/"+h.ben.ID, apptest.JSON{"time_zone": "Pacific/Nowhere"}).Want(t, 400)
}

func TestSomeMayDisturbQuietHours(t *testing.T) {
	t.Parallel()
	for name, allow := range map[string]func(*house) (from *apptest.Person, conversation string){
		"a contact": func(h *house) (*apptest.Person, string) {
			h.ben.Put("/messaging/preferences", apptest.JSON{"let_through": []string{h.ana.ID}}).Want(h.t, 200)
			return h.ana, h.conversation
		},
		"an urgent help request": func(h *house) (*apptest.Person, string) {
			h.ben.Put("/messaging/preferences", apptest.JSON{"let_through_urgent": true}).Want(h.t, 200)
			request := h.ben.Post("/collections/help_requests/records", apptest.JSON{"title": "Medicine", "urgency": "critical"}).Want(h.t, 200).Text("id")
			begun := h.ana.Post("/conversations", apptest.JSON{"recipient_id": h.ben.ID, "help_request_id": request, "initial_message": "I can go"}).Want(h.t, 201)
			return h.ana, begun.Text("conversation.id")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			h.t = t
			phone := h.push.device("phone")
			phone.subscribe(t, h.ben)
			h.quietNow(h.ben)
			cleo := h.Member("Cleo")
			cleo.Says(t, cleo.Meets(t, h.ben), "Nothing that matters")
			h.wantAttempt("push", "held")
			from, conversation := allow(h)
			from.Says(t, conversation, "Now")
			if came := phone.want(t); came.Payload["type"] != "message" {
				t.Errorf("the device was told %v", came.Payload)
			}
		})
	}
}
