package rules_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"carecollective/collections"
	"carecollective/internal/apptest"
	"carecollective/internal/store"
)

func TestAHeldMessageIsNotLetThroughUnread(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t)
	moderator := q.w.Moderator("Mo")
	q.w.Stands(q.ben, apptest.JSON{"requires_pre_approval": true})
	held := "/collections/messages/records/" + q.write(t, "something nice")
	queue := queued(t, moderator, 1)
	id := queue.Text("items.0.id")
	if context := queue.List("items.0.context"); len(context) != 1 || apptest.At(context, "0.content") != "I can help." {
		t.Errorf("what came before is %v", context)
	}
	q.ben.Patch(held, apptest.JSON{"content": "something vile"}).Want(t, 200)
	decide(moderator, id, "approve").Want(t, 409)
	if again := queued(t, moderator, 1); again.Text("items.0.message.edits.0.content") != "something vile" {
		t.Errorf("the moderators see %s", again.Raw)
	}
	decide(moderator, id, "approve").Want(t, 200)
	q.ben.Patch(held, apptest.JSON{"content": "something else"}).Refused(t, "not_allowed")
	if page := q.ana.Get("/conversations/"+q.conversation+"/messages").Want(t, 200); page.Text("messages.1.content") != "something vile" {
		t.Errorf("the other sees %s", page.Raw)
	}
}

func TestAHeldMessageNeverWaitsOnOnceItIsDecided(t *testing.T) {
	t.Parallel()
	for action, want := range map[string]string{
		"approve": "approved", "dismiss": "approved", "pre_approve": "approved",
		"hide": "hidden", "remove": "removed", "warn": "hidden", "enforce": "hidden",
	} {
		q := newQuarrel(t)
		moderator := q.w.Moderator("Mo")
		q.w.Stands(q.ben, apptest.JSON{"requires_pre_approval": true})
		held := q.write(t, "wait for it")
		item := moderator.Get("/moderation/queue").Want(t, 200).Text("items.0.id")
		moderator.Post("/moderation/queue/"+item+"/resolve", apptest.JSON{"action": action, "note": "so"}).Want(t, 200)
		own := q.ben.Get("/collections/messages/records/"+held).Want(t, 200)
		hers := q.ana.Get("/collections/messages/records/" + held)
		if own.Text("moderation_status") != want || own.Text("content") != "wait for it" || (hers.Status == 200) != (want == "approved") {
			t.Errorf("after %s its sender sees %s, the other %d", action, own.Raw, hers.Status)
		}
		if want == "approved" {
			continue
		}
		for range q.ben.Get("/messaging/standing").List("decisions") {
			appealed(t, q.ben, moderator, "overturned")
		}
		if content(q.ana, held) != "wait for it" {
			t.Errorf("after %s was overturned the other reads nothing", action)
		}
	}
}

func TestAHeldMessageReachesNobodyWhereItsConversationIsOver(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t)
	moderator := q.w.Moderator("Mo")
	q.w.Stands(q.ben, apptest.JSON{"requires_pre_approval": true})
	held := q.write(t, "too late")
	q.ana.Post("/conversations/"+q.conversation+"/close", nil).Want(t, 200)
	item := moderator.Get("/moderation/queue").Want(t, 200).Text("items.0.id")
	moderator.Post("/moderation/queue/"+item+"/resolve", apptest.JSON{"action": "approve"}).Want(t, 200)
	q.ana.Get("/collections/messages/records/"+held).Want(t, 404)
	q.ben.Get("/collections/messages/records/"+held).Want(t, 200)
}

func TestADeletedHeldMessageIsJustClosed(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t)
	moderator := q.w.Moderator("Mo")
	q.w.Stands(q.ben, apptest.JSON{"requires_pre_approval": true})
	held := q.write(t, "thought better of it")
	q.ben.Delete("/collections/messages/records/"+held).Want(t, 204)
	item := moderator.Get("/moderation/queue").Want(t, 200).Text("items.0.id")
	moderator.Post("/moderation/queue/"+item+"/resolve", apptest.JSON{"action": "approve"}).Want(t, 200)
	q.ana.Get("/collections/messages/records/"+held).Want(t, 404)
}

func TestAHiddenMessageIsATombstoneForTheOthersUntilItComesBack(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t, "vile")
	cleo := q.w.Member("Cleo")
	moderator := q.w.Moderator("Mo")
	q.w.Prefers(cleo, apptest.JSON{"can_receive_from": "anyone"})
	q.w.Prefers(q.ana, apptest.JSON{"can_receive_from": "anyone"})
	group := q.ben.Post("/conversations", apptest.JSON{"participant_ids": []string{q.ana.ID, cleo.ID}, "title": "Garden", "initial_message": "Welcome"}).Want(t, 201).Text("conversation.id")
	for _, member := range []*apptest.Person{q.ana, cleo} {
		member.Post("/conversations/"+group+"/accept", nil).Want(t, 200)
	}
	id := q.ben.Post("/conversations/"+group+"/messages", apptest.JSON{"content": "vile"}).Want(t, 201).Text("message.id")
	report := q.report(t, id)
	resolve(moderator, report, "hide").Want(t, 200)
	if seen := cleo.Get("/collections/messages/records/" + id); seen.Text("content") != "" || seen.Text("moderation_status") != "hidden" {
		t.Fatalf("the others see %s", seen.Raw)
	}
	if own := q.ben.Get("/collections/messages/records/" + id); own.Text("content") != "vile" || own.Text("moderation_status") != "hidden" {
		t.Fatalf("the sender sees %s", own.Raw)
	}
	q.ben.Patch("/collections/messages/records/"+id, apptest.JSON{"content": "changed"}).Refused(t, "not_allowed")
}

func TestAHeldMessageIsItsSendersAloneUntilItIsApproved(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t)
	moderator := q.w.Moderator("Mo")
	q.w.Stands(q.ben, apptest.JSON{"requires_pre_approval": true})
	held := q.write(t, "wait for it")
	if page := q.ben.Get("/conversations/"+q.conversation+"/messages").Want(t, 200); page.Text("messages.1.moderation_status") != "pending" || page.Number("messages.1.seq") != 0 {
		t.Fatalf("the sender sees %s", page.Raw)
	}
	if page := q.ana.Get("/conversations/"+q.conversation+"/messages").Want(t, 200); len(page.List("messages")) != 1 {
		t.Fatalf("the other sees %s", page.Raw)
	}
	queue := moderator.Get("/moderation/queue").Want(t, 200)
	if queue.Text("items.0.kind") != "held" || queue.Text("items.0.message.content") != "wait for it" {
		t.Fatalf("the queue holds %s", queue.Raw)
	}
	hers := q.ana.Listen("messages/*")
	moderator.Post("/moderation/queue/"+queue.Text("items.0.id")+"/resolve", apptest.JSON{"action": "approve", "note": ""}).Want(t, 200)
	if e := hers.Want("messages/*"); e.Text("action") != "create" || e.Text("record.id") != held || e.Text("record.content") != "wait for it" {
		t.Fatalf("the other hears %s", e.Raw)
	}
	if page := q.ana.Get("/conversations/"+q.conversation+"/messages").Want(t, 200); page.Number("messages.1.seq") != 2 || page.Text("messages.1.moderation_status") != "approved" {
		t.Fatalf("the other sees %s", page.Raw)
	}
}

// views are all the ways in which p can come to see a message.
func views(p *apptest.Person, conversation, id string) map[string]apptest.Answer {
	return map[string]apptest.Answer{
		"viewed":       p.Get(record + id),
		"listed":       p.Get("/collections/messages/records"),
		"on a page":    p.Get("/conversations/" + conversation + "/messages"),
		"caught up":    p.Get("/conversations/" + conversation + "/messages?direction=newer"),
		"changed":      p.Get("/conversations/" + conversation + "/messages?direction=newer&after=1000&changed_since=" + url.QueryEscape("2020-01-01 00:00:00.000Z")),
		"in the inbox": p.Get("/conversations"),
	}
}

func TestAHiddenOrRemovedMessageIsATombstoneForOthers(t *testing.T) {
	t.Parallel()
	for _, status := range []string{"hidden", "removed"} {
		t.Run(status, func(t *testing.T) {
			t.Parallel()
			w, ana, ben, conversation := apptest.Talk(t)
			id := ana.Says(t, conversation, "Something bad")
			reply := ben.Post("/conversations/"+conversation+"/messages", apptest.JSON{"content": "Hm", "reply_to": id}).Want(t, 201).Text("message.id")
			w.Change(collections.Messages, id, apptest.JSON{"moderation_status": status, "changed_at": store.Stamp(time.Now())})
			for where, seen := range views(ben, conversation, id) {
				if strings.Contains(seen.Raw, "Something bad") {
					t.Errorf("%s the other still reads it: %s", where, seen.Raw)
				}
			}
			if seen := ben.Get(record + reply + "?expand=reply_to"); seen.Text("expand.reply_to.content") != "" || seen.Text("expand.reply_to.moderation_status") != status {
				t.Errorf("as what is answered: %s", seen.Raw)
			}
			own := ana.Get(record+id).Want(t, 200)
			if own.Text("content") != "Something bad" || own.Text("moderation_status") != status {
				t.Errorf("its sender sees %s", own.Raw)
			}
			ana.Patch(record+id, apptest.JSON{"content": "Something good"}).Refused(t, "not_allowed")
			ana.Delete(record+id).Want(t, 204)
		})
	}
}

func TestAHeldMessageIsItsSendersAlone(t *testing.T) {
	apptest.EitherWay(t, func(t *testing.T, w *apptest.World, way apptest.Way, ana, ben *apptest.Person, conversation string) {
		w.Stands(ana, apptest.JSON{"requires_pre_approval": true})
		held := way.Message(way.Send(ana, conversation, apptest.JSON{"content": "Please look"}).Want(t, way.Created))
		apptest.WantNames(t, held, apptest.MessageFields)
		if held["seq"] != 0.0 || held["moderation_status"] != "pending" || held["status"] != "sent" || held["content"] != "Please look" {
			t.Errorf("held as %v", held)
		}
		id, _ := held["id"].(string)
		ben.Says(t, conversation, "Meanwhile")
		page := ana.Get("/conversations/"+conversation+"/messages").Want(t, 200)
		if !slices.Equal(apptest.Seqs(page.List("messages")), []int{1, 2, 0}) {
			t.Errorf("on the newest page stand %v", apptest.Seqs(page.List("messages")))
		}
		if older := ana.Get("/conversations/" + conversation + "/messages?limit=1&cursor=" + ana.Get("/conversations/"+conversation+"/messages?limit=1").Text("pagination.cursor")); !slices.Equal(apptest.Seqs(older.List("messages")), []int{1}) {
			t.Errorf("on an older page stand %v", apptest.Seqs(older.List("messages")))
		}
		if own := ana.Get(record+id).Want(t, 200); own.Text("content") != "Please look" {
			t.Errorf("its sender sees %s", own.Raw)
		}
		for where, seen := range views(ben, conversation, id) {
			if strings.Contains(seen.Raw, id) || strings.Contains(seen.Raw, "Please look") {
				t.Errorf("%s the other sees it: %s", where, seen.Raw)
			}
		}
		ben.Put("/messages/"+id+"/read", nil).Want(t, 404)
		refused := ben.Post("/conversations/"+conversation+"/messages", apptest.JSON{"content": "x", "reply_to": id})
		if refused.Status != 400 {
			t.Errorf("a reply to it: answered %d", refused.Status)
		}
		way.Send(ana, conversation, apptest.JSON{"content": "Please look", "id": id}).Want(t, 200)
		ana.Delete(record+id).Want(t, 204)
		if gone := ana.Get(record+id).Want(t, 200); gone.Text("content") != "" {
			t.Errorf("deleted it is %s", gone.Raw)
		}
	})
}
