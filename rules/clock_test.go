package rules_test

import (
	"testing"
	"time"

	"carecollective/internal/apptest"
	"carecollective/internal/store"
)

// ahead is what a clock said that was a year ahead.
func ahead() string { return store.Stamp(time.Now().AddDate(1, 0, 0)) }

func TestAClockThatWasAheadKeepsNobodyOut(t *testing.T) {
	t.Parallel()
	t.Run("the day's limit", func(t *testing.T) {
		t.Parallel()
		w, ana, _, conversation := apptest.Talk(t)
		w.Settings(apptest.JSON{"daily_message_limit": 2})
		ana.Says(t, conversation, "Two")
		ana.Post("/conversations/"+conversation+"/messages", apptest.JSON{"content": "Three"}).Refused(t, "daily_limit")
		set(t, w, "UPDATE messages SET created_at = {:value} WHERE sender = {:id}", ana.ID, ahead())
		ana.Says(t, conversation, "Today's first")
	})
	t.Run("the window", func(t *testing.T) {
		t.Parallel()
		w, ana, _, conversation := apptest.Talk(t)
		w.Settings(apptest.JSON{"window_message_limit": 2})
		ana.Says(t, conversation, "Two")
		ana.Post("/conversations/"+conversation+"/messages", apptest.JSON{"content": "Three"}).Refused(t, "rate_limited")
		set(t, w, "UPDATE _buckets SET at = at + {:value} WHERE key = {:id}", "messages:"+ana.ID, 10_000) // a little is no jump
		ana.Post("/conversations/"+conversation+"/messages", apptest.JSON{"content": "Three"}).Refused(t, "rate_limited")
		set(t, w, "UPDATE _buckets SET at = {:value} WHERE key = {:id}", "messages:"+ana.ID, time.Now().AddDate(1, 0, 0).UnixMilli())
		ana.Says(t, conversation, "Three")
	})
	t.Run("requests a day", func(t *testing.T) {
		t.Parallel()
		w, ana, _, _ := apptest.Talk(t)
		w.Settings(apptest.JSON{"requests_per_day": 2})
		ana.Asks(t, w.Member("Cleo"), "Hello?")
		dan := w.Member("Dan")
		w.Prefers(dan, apptest.JSON{"can_receive_from": "anyone"})
		start := apptest.JSON{"recipient_id": dan.ID, "initial_message": "Hello?"}
		ana.Post("/conversations", start).Refused(t, "daily_limit")
		set(t, w, "UPDATE conversation_participants SET requested_at = {:value} WHERE invited_by = {:id} AND requested_at != ''", ana.ID, ahead())
		ana.Post("/conversations", start).Want(t, 201)
	})
}

func TestMessagesStandInTheirOrderWhateverTheClockSaid(t *testing.T) {
	t.Parallel()
	w, ana, ben, conversation := apptest.Talk(t)
	ana.Says(t, conversation, "written by a clock that was ahead")
	set(t, w, "UPDATE messages SET created_at = {:value} WHERE conversation = {:id}", conversation, ahead())
	ben.Says(t, conversation, "written when it was set right")
	page := ana.Get("/conversations/"+conversation+"/messages").Want(t, 200)
	last := page.List("messages")[len(page.List("messages"))-1].(map[string]any)
	if last["content"] != "written when it was set right" {
		t.Errorf("the last message is %v", last["content"])
	}
	if got := ana.Get("/conversations/"+conversation).Want(t, 200).Text("conversation.last_message.content"); got != last["content"] {
		t.Errorf("the list shows %q", got)
	}
}
