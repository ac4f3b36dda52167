package notifications_test

import (
	"fmt"
	"testing"
	"time"

	"carecollective/internal/apptest"
	"carecollective/notifications"
	"carecollective/server"
)

// Many places are looked at by one query, and each gets what it got alone.
func TestPlacesAreLookedAtTogether(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	w.Settings(apptest.JSON{"notify_after_seconds": 3600})
	ana := w.Member("Ana")
	want := map[string]int{}
	for i := range 5 {
		ben := w.Member(fmt.Sprint("Ben", i))
		talk := ben.Meets(t, ana)
		for range i {
			ana.Says(t, talk, "hello")
		}
		want[talk] = i
	}
	due, err := notifications.FindDueParticipants(w.App, 0, time.Now().Add(time.Second), 64)
	if err != nil || len(due) < 4 {
		t.Fatal(due, err)
	}
	found, err := notifications.FindUnreadAt(w.App, due, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for _, place := range due {
		alone, err := notifications.FindUnread(w.App, place.User, place.Conversation, nil, time.Now())
		together := found[place.ID]
		if err != nil || (alone == nil) != (together == nil) || (alone != nil && *alone != *together) {
			t.Errorf("%+v alone, %+v together: %v", alone, together, err)
		}
		if place.User != ana.ID && (together == nil || together.Count != want[place.Conversation]) {
			t.Errorf("%+v, want %d messages", together, want[place.Conversation])
		}
	}
}
