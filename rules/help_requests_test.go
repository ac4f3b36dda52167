package rules_test

import (
	"testing"

	"carecollective/collections"
	"carecollective/internal/apptest"
	"carecollective/server"
)

func TestWhoSeesAHelpRequest(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana, ben, cleo, blocked := w.Member("Ana"), w.Member("Ben"), w.Member("Cleo"), w.Member("Dan")
	left := w.Member("Eve")
	id := ana.Post(helpRequests, apptest.JSON{"title": "A ladder"}).Want(t, 200).Text("id")
	for _, p := range []*apptest.Person{ben, blocked, left} {
		talk := p.Post("/conversations", apptest.JSON{"recipient_id": ana.ID, "help_request_id": id, "initial_message": "I have one"}).Want(t, 201)
		if p == left {
			p.Post("/conversations/"+talk.Text("conversation.id")+"/leave", nil).Want(t, 200)
		}
	}
	ana.Post("/collections/user_blocks/records", apptest.JSON{"blocked": blocked.ID}).Want(t, 200)
	for status, seers := range map[string][]*apptest.Person{
		"open": {ana, ben, cleo, left}, "in_progress": {ana, ben, cleo, left}, "fulfilled": {ana, ben}, "closed": {ana, ben},
	} {
		ana.Patch(helpRequests+"/"+id, apptest.JSON{"status": status}).Want(t, 200)
		for _, p := range []*apptest.Person{ana, ben, cleo, blocked, left} {
			want := 404
			for _, seer := range seers {
				if p == seer {
					want = 200
				}
			}
			viewed, listed := p.Get(helpRequests+"/"+id), p.Get(helpRequests).Want(t, 200)
			if viewed.Status != want || (len(listed.List("items")) == 1) != (want == 200) {
				t.Errorf("%s: %s gets %d, and a list of %d", status, p.ID, viewed.Status, len(listed.List("items")))
			}
		}
	}
}

func TestTheConversationsHearOfAHelpRequestsStatus(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana, ben := w.Member("Ana"), w.Member("Ben")
	id := ana.Post(helpRequests, apptest.JSON{"title": "A ladder"}).Want(t, 200).Text("id")
	about := func(p *apptest.Person) string {
		return p.Post("/conversations", apptest.JSON{"recipient_id": ana.ID, "help_request_id": id, "initial_message": "I have one"}).Want(t, 201).Text("conversation.id")
	}
	accepted := about(ben)
	cleo := w.Member("Cleo")
	closed := about(cleo)
	cleo.Post("/conversations/"+closed+"/close", nil).Want(t, 200)
	w.Prefers(ana, apptest.JSON{"auto_accept_help_requests": false})
	dan := w.Member("Dan")
	pending := about(dan)

	ana.Patch(helpRequests+"/"+id, apptest.JSON{"title": "A long ladder"}).Want(t, 200)
	ana.Patch(helpRequests+"/"+id, apptest.JSON{"status": "fulfilled"}).Want(t, 200)
	ana.Patch(helpRequests+"/"+id, apptest.JSON{"status": "fulfilled"}).Want(t, 200)
	page := ben.Get("/conversations/"+accepted+"/messages").Want(t, 200)
	if len(page.List("messages")) != 2 || page.Text("messages.1.message_type") != "help_request_update" || page.Text("messages.1.content") != "fulfilled" ||
		page.Text("messages.1.sender") != ana.ID || page.Number("messages.1.seq") != 2 || page.Text("messages.1.help_request") != id {
		t.Errorf("the conversation says %s", page.Raw)
	}
	if inbox := ben.Get("/conversations"); inbox.Number("conversations.0.unread_count") != 1 || inbox.Text("conversations.0.last_message.content") != "fulfilled" {
		t.Errorf("the inbox: %s", inbox.Raw)
	}
	for who, quiet := range map[*apptest.Person]string{cleo: closed, dan: pending} {
		if page := who.Get("/conversations/"+quiet+"/messages").Want(t, 200); len(page.List("messages")) != 1 {
			t.Errorf("a conversation that nobody writes in says %s", page.Raw)
		}
	}
}

func TestConversationsStayWhenTheirHelpRequestIsDeleted(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana, ben := w.Member("Ana"), w.Member("Ben")
	id := ana.Post(helpRequests, apptest.JSON{"title": "A ladder"}).Want(t, 200).Text("id")
	conversation := ben.Post("/conversations", apptest.JSON{"recipient_id": ana.ID, "help_request_id": id, "initial_message": "I have one"}).Want(t, 201).Text("conversation.id")
	ben.Delete(helpRequests+"/"+id).Want(t, 404)
	ana.Delete(helpRequests+"/"+id).Want(t, 204)
	for _, p := range []*apptest.Person{ana, ben} {
		page := p.Get("/conversations/"+conversation+"/messages").Want(t, 200)
		if page.Text("messages.0.help_request") != "" || page.Text("messages.0.content") != "I have one" || page.At("conversation.help_request") != nil {
			t.Errorf("the conversation: %s", page.Raw)
		}
		if c := p.Get("/collections/conversations/records/"+conversation).Want(t, 200); c.Text("help_request") != "" {
			t.Errorf("the record: %s", c.Raw)
		}
		p.Post("/conversations/"+conversation+"/messages", apptest.JSON{"content": "Still here"}).Want(t, 201)
	}
}

func TestAGroupIsToldWhoJoinsAndLeaves(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana, ben, cleo := w.Member("Ana"), w.Member("Ben"), w.Member("Cleo")
	for _, p := range []*apptest.Person{ben, cleo} {
		w.Prefers(p, apptest.JSON{"can_receive_from": "anyone"})
	}
	made := ana.Post("/conversations", apptest.JSON{"participant_ids": []string{ben.ID, cleo.ID}, "title": "Garden", "initial_message": "Hello"}).Want(t, 201)
	group := made.Text("conversation.id")
	if made.Text("conversation.title") != "Garden" || made.Text("message.recipient") != "" || made.Text("conversation.kind") != "group" {
		t.Errorf("made %s", made.Raw)
	}
	ben.Post("/conversations/"+group+"/accept", nil).Want(t, 200)
	cleo.Post("/conversations/"+group+"/decline", nil).Want(t, 200)
	ben.Post("/conversations/"+group+"/leave", nil).Want(t, 200)
	page := ana.Get("/conversations/"+group+"/messages").Want(t, 200)
	want := [][3]string{{"text", "Hello", ana.ID}, {"system", "joined", ben.ID}, {"system", "left", ben.ID}}
	if len(page.List("messages")) != len(want) {
		t.Fatalf("the group says %s", page.Raw)
	}
	for i, m := range page.List("messages") {
		got := [3]string{}
		for j, name := range []string{"message_type", "content", "sender"} {
			got[j], _ = apptest.At(m, name).(string)
		}
		if got != want[i] || apptest.At(m, "seq") != float64(i+1) {
			t.Errorf("at %d the group says %v, want %v", i, m, want[i])
		}
	}
	if names := page.List("conversation.participants"); len(names) != 2 {
		t.Errorf("in the group are %v", names) // Ana, and Cleo, who seems not to have answered
	}
	if row := w.Place(group, ben); row.GetString("left_at") == "" {
		t.Error("left_at is empty")
	}
	if own := ben.Get(path(collections.Participants)+"/"+w.Place(group, ben).Id).Want(t, 200); own.Text("left_at") == "" {
		t.Errorf("their own row: %s", own.Raw)
	}
}
