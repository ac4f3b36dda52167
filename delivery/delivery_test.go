package delivery_test

import (
	"fmt"
	"testing"

	"carecollective/internal/apptest"
	"carecollective/server"
)

// talk makes two members who may write to each other, and their conversation.
func talk(t *testing.T, a, b *apptest.Person) string {
	t.Helper()
	request := b.Post("/collections/help_requests/records", apptest.JSON{"title": "A ride"}).Want(t, 200)
	return a.Post("/conversations", apptest.JSON{
		"recipient_id": b.ID, "help_request_id": request.Text("id"), "initial_message": "I can help.",
	}).Want(t, 201).Text("conversation.id")
}

func say(t *testing.T, from *apptest.Person, conversation, content string) apptest.Answer {
	t.Helper()
	return from.Post("/conversations/"+conversation+"/messages", apptest.JSON{"content": content}).Want(t, 201)
}

func TestMessagesReachThoseTheyAreForInOrder(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana, ben, cleo := w.Member("Ana"), w.Member("Ben"), w.Member("Cleo")
	id := talk(t, ana, ben)
	hers, his, theirs := ana.Listen("messages/*"), ben.Listen("messages/*"), cleo.Listen("messages/*", "conversations/*", "conversation_participants/*", "notifications/*")
	for i := range 20 {
		say(t, ana, id, fmt.Sprint("number ", i))
	}
	for i := range 20 {
		for _, s := range []*apptest.Stream{hers, his} {
			e := s.Want("messages/*")
			for e.Text("action") == "update" { // of what was delivered meanwhile
				e = s.Want("messages/*")
			}
			if e.Text("record.content") != fmt.Sprint("number ", i) {
				t.Fatalf("event %d is %s", i, e.Raw)
			}
		}
	}
	say(t, cleo, talk(t, cleo, ana), "only for Ana")
	if e := theirs.Want("conversations/*"); e.Text("action") != "create" {
		t.Fatalf("the first that a stranger hears of is %s", e.Raw)
	}
}

func TestAMessageChangesTheListsOfThoseWhoSeeIt(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana, ben := w.Member("Ana"), w.Member("Ben")
	id := talk(t, ana, ben)
	his := ben.Listen("conversations/"+id, "conversation_participants/*")
	say(t, ana, id, "hello")
	if e := his.Want("conversations/" + id); int(apptest.At(map[string]any(e.Data), "record.last_seq").(float64)) != 2 {
		t.Fatalf("the list is told %s", e.Raw)
	}
	if e := his.Want("conversation_participants/*"); e.Text("record.user") != ben.ID || int(apptest.At(map[string]any(e.Data), "record.unread_count").(float64)) != 2 {
		t.Fatalf("the own place is told %s", e.Raw)
	}
}

func TestTheSenderHearsThatAMessageWasDeliveredAndRead(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana, ben := w.Member("Ana"), w.Member("Ben")
	id := talk(t, ana, ben)
	hers, his := ana.Listen("messages/*"), ben.Listen("messages/*")
	sent := say(t, ana, id, "hello").Text("message.id")
	hers.Want("messages/*")
	his.Want("messages/*")
	if e := hers.Want("messages/*"); e.Text("action") != "update" || e.Text("record.status") != "delivered" || e.Text("record.id") != sent {
		t.Fatalf("the delivery is told as %s", e.Raw)
	}
	ben.Put("/messages/"+sent+"/read", nil).Want(t, 200)
	if e := hers.Want("messages/*"); e.Text("record.status") != "read" || e.Text("record.read_at") == "" {
		t.Fatalf("the reading is told as %s", e.Raw)
	}
}

func TestClosedTopicsAreForbidden(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana, ben, cleo := w.Member("Ana"), w.Member("Ben"), w.Member("Cleo")
	id := talk(t, ana, ben)
	for _, topic := range []string{"users/*", "help_requests/*", "message_audit_log/*", "nothing", "typing/" + id, "typing/unknown", "messaging_settings/*"} {
		cleo.Connect().Subscribe(cleo, "messages/*", topic).Want(t, 403)
	}
	cleo.Connect().Subscribe(w.Guest(), "messages/*").Want(t, 403)
	ana.Listen("typing/"+id, "resync", "messages/*")
}

func TestAStreamBelongsToWhoeverSubscribedFirst(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana, ben := w.Member("Ana"), w.Member("Ben")
	s := ana.Listen("messages/*")
	s.Subscribe(ben, "messages/*").Want(t, 403)
	s.Subscribe(w.Guest(), "messages/*").Want(t, 403)
}

func TestTypingReachesTheOtherAlone(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana, ben := w.Member("Ana"), w.Member("Ben")
	id := talk(t, ana, ben)
	hers, his := ana.Listen("typing/"+id, "messages/*"), ben.Listen("typing/"+id)
	ana.Post("/conversations/"+id+"/typing", apptest.JSON{"is_typing": true}).Want(t, 204)
	if e := his.Want("typing/" + id); e.Text("user") != ana.ID || e.Data["is_typing"] != true {
		t.Fatalf("typing is told as %s", e.Raw)
	}
	say(t, ben, id, "go on")
	hers.Want("messages/*") // and nothing of her own typing before it
}

func TestABanAndAPasswordChangeEndTheStreams(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana, ben := w.Member("Ana"), w.Member("Ben")
	hers, his := ana.Listen("messages/*"), ben.Listen("messages/*")
	w.Stands(ana, apptest.JSON{"restriction_level": "banned"})
	hers.Ended()
	ben.Patch("/collections/users/records/"+ben.ID, apptest.JSON{
		"oldPassword": "correct horse battery", "password": "another horse battery", "passwordConfirm": "another horse battery",
	}).Want(t, 200)
	his.Ended()
}

func TestLeavingAndDecliningTakeTheConversationAway(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana, ben := w.Member("Ana"), w.Member("Ben")
	id := talk(t, ana, ben)
	hers, his := ana.Listen("conversations/*"), ben.Listen("conversations/*")
	ana.Post("/conversations/"+id+"/leave", nil).Want(t, 200)
	if e := hers.Want("conversations/*"); e.Text("action") != "delete" || e.Text("record.id") != id {
		t.Fatalf("the one who left is told %s", e.Raw)
	}
	if e := his.Want("conversations/*"); e.Text("action") != "update" || e.Text("record.status") != "closed" {
		t.Fatalf("the other is told %s", e.Raw)
	}
}

func TestOptionsAreHonoured(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana, ben := w.Member("Ana"), w.Member("Ben")
	id := talk(t, ana, ben)
	topic := `messages/*?options={"query":{"expand":"sender","fields":"seq,expand.sender.name","filter":"seq>2"}}`
	his := ben.Listen(topic)
	say(t, ana, id, "left out")
	say(t, ana, id, "told")
	e := his.Want(topic)
	if e.Raw != `{"action":"create","record":{"expand":{"sender":{"name":"Ana"}},"seq":3}}` {
		t.Fatalf("the options give %s", e.Raw)
	}
}
