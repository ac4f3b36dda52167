package rules_test

import (
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"carecollective/collections"
	"carecollective/internal/apptest"
	"carecollective/internal/store"
)

// known to the collective for long enough to have no limit of the day.
func establish(t *testing.T, p *apptest.Person) {
	t.Helper()
	set(t, p.World, "UPDATE users SET created_at = {:value} WHERE id = {:id}", p.ID, store.Stamp(time.Now().Add(-30*24*time.Hour)))
}

// set changes a row past everything.
func set(t *testing.T, w *apptest.World, statement, id string, value any) {
	t.Helper()
	if _, err := w.App.NonconcurrentDB().NewQuery(statement).Bind(map[string]any{"id": id, "value": value}).Execute(); err != nil {
		t.Fatal(err)
	}
}

func TestTheWindowIsExactUnderParallelRequests(t *testing.T) {
	t.Parallel()
	w, ana, _, conversation := apptest.Talk(t)
	w.Settings(apptest.JSON{"window_seconds": 24 * 60 * 60}) // nothing is refilled while a busy machine answers
	establish(t, ana)
	var all sync.WaitGroup
	var sent, refused atomic.Int32
	for i := range 30 {
		for _, way := range apptest.Ways {
			all.Go(func() {
				switch answer := way.Send(ana, conversation, apptest.JSON{"content": fmt.Sprint("Number ", i)}); answer.Status {
				case way.Created:
					sent.Add(1)
				case http.StatusTooManyRequests:
					refused.Add(1)
				default:
					t.Errorf("answered %d %s", answer.Status, answer.Raw)
				}
			})
		}
	}
	all.Wait()
	if sent.Load() != 49 || refused.Load() != 11 { // the first message was the request
		t.Errorf("%d were sent and %d refused, want 49 and 11", sent.Load(), refused.Load())
	}
	if thread := ana.Get("/conversations/" + conversation + "/messages?limit=200"); len(thread.List("messages")) != 50 {
		t.Errorf("%d messages are stored", len(thread.List("messages")))
	}
}

func TestTheWindowTellsAndFillsUpAgain(t *testing.T) {
	apptest.EitherWay(t, func(t *testing.T, w *apptest.World, way apptest.Way, ana, ben *apptest.Person, conversation string) {
		w.Settings(apptest.JSON{"window_message_limit": 3})
		establish(t, ana)
		id := ana.Says(t, conversation, "Two")
		way.Send(ana, conversation, apptest.JSON{"content": "Three"}).Want(t, way.Created)
		way.Send(ana, conversation, apptest.JSON{"content": " "}).Want(t, 400)
		tooFast(t, way.Send(ana, conversation, apptest.JSON{"content": "Four"}), "rate_limited", 3)
		way.Send(ben, conversation, apptest.JSON{"content": "Others go on"}).Want(t, way.Created)
		way.Send(ana, conversation, apptest.JSON{"content": "Two", "id": id}).Want(t, 200)
		ana.Patch(record+id, apptest.JSON{"content": "Two, edited"}).Want(t, 200)

		again := w.Restarted()
		tooFast(t, way.Send(ana.In(again), conversation, apptest.JSON{"content": "After a restart"}), "rate_limited", 3)

		set(t, w, "UPDATE _buckets SET at = at - {:value} WHERE key = {:id}", "messages:"+ana.ID, 301_000) // a third of the window
		way.Send(ana, conversation, apptest.JSON{"content": "Four"}).Want(t, way.Created)
		tooFast(t, way.Send(ana, conversation, apptest.JSON{"content": "Five"}), "rate_limited", 3)
	})
}

func TestTheFirstMessageOfAConversationCounts(t *testing.T) {
	t.Parallel()
	w, ana, _, _ := apptest.Talk(t)
	w.Settings(apptest.JSON{"window_message_limit": 2})
	ana.Asks(t, w.Member("Cleo"), "One more")
	dan := w.Member("Dan")
	w.Prefers(dan, apptest.JSON{"can_receive_from": "anyone"})
	tooFast(t, start(ana, dan.ID), "rate_limited", 2)
	if places, err := w.App.CountRecords(collections.Conversations); err != nil || places != 2 {
		t.Errorf("there are %d conversations, %v", places, err)
	}
}

func TestTheDayLimitsWhoIsNew(t *testing.T) {
	apptest.EitherWay(t, func(t *testing.T, w *apptest.World, way apptest.Way, ana, ben *apptest.Person, conversation string) {
		w.Settings(apptest.JSON{"daily_message_limit": 3, "established_after_days": 7})
		establish(t, ben)
		id := ana.Says(t, conversation, "Two")
		way.Send(ana, conversation, apptest.JSON{"content": "Three"}).Want(t, way.Created)
		tooFast(t, way.Send(ana, conversation, apptest.JSON{"content": "Four"}), "daily_limit", 3)
		ana.Delete(record+id).Want(t, 204)
		tooFast(t, way.Send(ana, conversation, apptest.JSON{"content": "Four"}), "daily_limit", 3)
		way.Send(ana, conversation, apptest.JSON{"content": "Two", "id": id}).Want(t, 200)
		for range 5 {
			way.Send(ben, conversation, apptest.JSON{"content": "Known for long"}).Want(t, way.Created)
		}
		again := w.Restarted()
		tooFast(t, way.Send(ana.In(again), conversation, apptest.JSON{"content": "After a restart"}), "daily_limit", 3)
		ageMessage(t, w, id, 24*time.Hour+time.Second)
		way.Send(ana, conversation, apptest.JSON{"content": "Four"}).Want(t, way.Created)
		establish(t, ana)
		way.Send(ana, conversation, apptest.JSON{"content": "Five"}).Want(t, way.Created)
	})
}

func TestTheDayIsExactUnderParallelRequests(t *testing.T) {
	t.Parallel()
	w, ana, _, conversation := apptest.Talk(t)
	w.Settings(apptest.JSON{"daily_message_limit": 11})
	var all sync.WaitGroup
	var sent atomic.Int32
	for range 20 {
		for _, way := range apptest.Ways {
			all.Go(func() {
				if way.Send(ana, conversation, apptest.JSON{"content": "x"}).Status == way.Created {
					sent.Add(1)
				}
			})
		}
	}
	all.Wait()
	if sent.Load() != 10 {
		t.Errorf("%d were sent, want 10", sent.Load())
	}
}

func TestAStandingLimitsTheDay(t *testing.T) {
	t.Parallel()
	for name, rule := range map[string]struct {
		standing apptest.JSON
		limit    int
	}{
		"limited":                     {apptest.JSON{"restriction_level": "limited"}, 10},
		"a limit of its own":          {apptest.JSON{"message_limit_per_day": 4}, 4},
		"limited, and one of its own": {apptest.JSON{"restriction_level": "limited", "message_limit_per_day": 5}, 5},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, ana, _, conversation := apptest.Talk(t)
			establish(t, ana)
			w.Stands(ana, rule.standing)
			for range rule.limit - 1 {
				ana.Says(t, conversation, "x")
			}
			tooFast(t, ana.Post("/conversations/"+conversation+"/messages", apptest.JSON{"content": "x"}), "daily_limit", rule.limit)
			w.Stands(ana, apptest.JSON{"restricted_until": store.Stamp(time.Now().Add(-time.Second))})
			ana.Says(t, conversation, "Its time is over")
		})
	}
}

func TestWhoMayNotSendIsToldWhy(t *testing.T) {
	t.Parallel()
	for code, standing := range map[string]apptest.JSON{
		"account_limited":   {"can_send_messages": false},
		"account_suspended": {"restriction_level": "suspended"},
		"account_banned":    {"restriction_level": "banned"},
	} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			w, ana, _, conversation := apptest.Talk(t)
			id := ana.Says(t, conversation, "Before")
			w.Stands(ana, standing)
			for _, way := range apptest.Ways {
				way.Send(ana, conversation, apptest.JSON{"content": "x"}).Refused(t, code)
			}
			ana.Patch(record+id, apptest.JSON{"content": "x"}).Refused(t, code)
			if code != "account_banned" {
				ana.Delete(record+id).Want(t, 204)
			}
			w.Stands(ana, apptest.JSON{"restricted_until": store.Stamp(time.Now().Add(-time.Second))})
			ana.Says(t, conversation, "Its time is over")
		})
	}
}
