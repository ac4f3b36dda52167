package routes_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"carecollective/collections"
	"carecollective/internal/apptest"
)

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
			w, ana, ben, conversation := talk(t)
			id := ana.Says(t, conversation, "Something bad")
			reply := ben.Post("/conversations/"+conversation+"/messages", apptest.JSON{"content": "Hm", "reply_to": id}).Want(t, 201).Text("message.id")
			w.Change(collections.Messages, id, apptest.JSON{"moderation_status": status, "changed_at": collections.Stamp(time.Now())})
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
	eitherWay(t, func(t *testing.T, w *apptest.World, way writer, ana, ben *apptest.Person, conversation string) {
		w.Stands(ana, apptest.JSON{"requires_pre_approval": true})
		held := way.message(way.send(ana, conversation, apptest.JSON{"content": "Please look"}).Want(t, way.created))
		wantNames(t, held, messageFields)
		if held["seq"] != 0.0 || held["moderation_status"] != "pending" || held["status"] != "sent" || held["content"] != "Please look" {
			t.Errorf("held as %v", held)
		}
		id, _ := held["id"].(string)
		ben.Says(t, conversation, "Meanwhile")
		page := ana.Get("/conversations/"+conversation+"/messages").Want(t, 200)
		if !slices.Equal(seqs(page.List("messages")), []int{1, 2, 0}) {
			t.Errorf("on the newest page stand %v", seqs(page.List("messages")))
		}
		if older := ana.Get("/conversations/" + conversation + "/messages?limit=1&cursor=" + ana.Get("/conversations/"+conversation+"/messages?limit=1").Text("pagination.cursor")); !slices.Equal(seqs(older.List("messages")), []int{1}) {
			t.Errorf("on an older page stand %v", seqs(older.List("messages")))
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
		way.send(ana, conversation, apptest.JSON{"content": "Please look", "id": id}).Want(t, 200)
		ana.Delete(record+id).Want(t, 204)
		if gone := ana.Get(record+id).Want(t, 200); gone.Text("content") != "" {
			t.Errorf("deleted it is %s", gone.Raw)
		}
	})
}

func TestAnEditBehindABlockIsNoChangeForTheBlocker(t *testing.T) {
	t.Parallel()
	_, ana, ben, conversation := talk(t)
	id := ana.Says(t, conversation, "As it was")
	ben.Post("/conversations/"+conversation+"/block", nil).Want(t, 200)
	before := views(ben, conversation, id)
	ana.Patch(record+id, apptest.JSON{"content": "Changed"}).Want(t, 200)
	for where, seen := range views(ben, conversation, id) {
		if seen.Raw != before[where].Raw {
			t.Errorf("%s the blocker sees\n%s\nbefore\n%s", where, seen.Raw, before[where].Raw)
		}
	}
	ben.Delete("/conversations/"+conversation+"/block").Want(t, 200)
	if seen := ben.Get(record + id); seen.Text("content") != "As it was" || seen.Text("edited_at") != "" {
		t.Errorf("after the unblock: %s", seen.Raw)
	}
	ana.Patch(record+id, apptest.JSON{"content": "Changed again"}).Want(t, 200)
	if seen := ben.Get(record + id); seen.Text("content") != "Changed again" || seen.Text("edited_at") == "" {
		t.Errorf("edited again: %s", seen.Raw)
	}
}

func TestWhoIsAskedSeesTheRequestAndItsFirstMessage(t *testing.T) {
	t.Parallel()
	w, ana, ben, _ := talk(t)
	cleo := w.Member("Cleo")
	w.Prefers(cleo, apptest.JSON{"can_receive_from": "anyone"})
	group := gather(ana, ben.ID, cleo.ID).Want(t, 201).Text("conversation.id")
	ben.Post("/conversations/"+group+"/accept", nil).Want(t, 200)
	id := ana.Says(t, group, "For those inside")
	for where, seen := range views(cleo, group, id) {
		if strings.Contains(seen.Raw, "For those inside") || strings.Contains(seen.Raw, "joined\"") {
			t.Errorf("%s who is asked reads on: %s", where, seen.Raw)
		}
	}
	if page := cleo.Get("/conversations/"+group+"/messages").Want(t, 200); !slices.Equal(seqs(page.List("messages")), []int{1}) || page.Number("conversation.last_seq") != 1 {
		t.Errorf("the request: %s", page.Raw)
	}
	if listed := cleo.Get("/collections/messages/records").Want(t, 200); len(listed.List("items")) != 1 {
		t.Errorf("by the SDK: %s", listed.Raw)
	}
	if c := cleo.Get("/collections/conversations/records/"+group).Want(t, 200); c.Number("last_seq") != 1 {
		t.Errorf("the record: %s", c.Raw)
	}
	cleo.Post("/conversations/"+group+"/accept", nil).Want(t, 200)
	if page := cleo.Get("/conversations/"+group+"/messages").Want(t, 200); !slices.Equal(seqs(page.List("messages")), []int{1, 2, 3, 4}) {
		t.Errorf("once accepted: %s", page.Raw)
	}
}
