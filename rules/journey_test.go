package rules_test

import (
	"testing"

	"carecollective/internal/apptest"
	"carecollective/server"
)

func TestTwoPeopleTalk(t *testing.T) {
	w := apptest.New(t, server.Config{})
	ana, ben := w.Member("Ana"), w.Member("Ben")

	request := ana.Post("/collections/help_requests/records", apptest.JSON{"title": "A ride on Friday", "description": "To the clinic"}).Want(t, 200)
	if request.Text("status") != "open" || request.Text("user") != ana.ID {
		t.Fatalf("the request is not as asked for: %s", request.Raw)
	}
	allowed := ben.Get("/messaging/permissions?recipient_id="+ana.ID+"&help_request_id="+request.Text("id")).Want(t, 200)
	if allowed.Text("outcome") != "accept" {
		t.Fatalf("help cannot be offered: %s", allowed.Raw)
	}
	started := ben.Post("/conversations", apptest.JSON{
		"recipient_id": ana.ID, "help_request_id": request.Text("id"), "initial_message": "I can drive you.",
	}).Want(t, 201)
	id := started.Text("conversation.id")
	if started.Text("consent") != "accepted" || started.Text("conversation.help_request.title") != "A ride on Friday" {
		t.Fatalf("the start is not as offered: %s", started.Raw)
	}

	answered := ana.Post("/conversations/"+id+"/messages", apptest.JSON{"content": "Thank you!"}).Want(t, 201)
	if answered.Number("message.seq") != 2 || answered.Text("message.content") != "Thank you!" || answered.Text("message.recipient") != ben.ID {
		t.Fatalf("the answer is not in its place: %s", answered.Raw)
	}
	sdk := ben.Post("/collections/messages/records", apptest.JSON{"conversation": id, "content": "See you at nine."}).Want(t, 200)
	if sdk.Number("seq") != 3 || sdk.Text("sender") != ben.ID || sdk.Text("content") != "See you at nine." {
		t.Fatalf("a message by the SDK differs: %s", sdk.Raw)
	}

	inbox := ana.Get("/conversations").Want(t, 200)
	if inbox.Number("pagination.total") != 1 || inbox.Number("conversations.0.unread_count") != 2 ||
		inbox.Text("conversations.0.last_message.content") != "See you at nine." || len(inbox.List("conversations.0.participants")) != 2 {
		t.Fatalf("the inbox differs: %s", inbox.Raw)
	}
	thread := ana.Get("/conversations/"+id+"/messages").Want(t, 200)
	if len(thread.List("messages")) != 3 || thread.Text("messages.0.content") != "I can drive you." {
		t.Fatalf("the thread differs: %s", thread.Raw)
	}
	listed := ana.Get("/collections/messages/records?sort=seq").Want(t, 200)
	if len(listed.List("items")) != 3 || listed.Text("items.2.content") != "See you at nine." {
		t.Fatalf("the records differ: %s", listed.Raw)
	}
	ana.Put("/messages/"+sdk.Text("id")+"/read", nil).Want(t, 200)
	if seen := ben.Get("/collections/messages/records/"+sdk.Text("id")).Want(t, 200); seen.Text("status") != "read" {
		t.Fatalf("the sender does not see the receipt: %s", seen.Raw)
	}

	stranger := w.Member("Cleo")
	stranger.Get("/conversations/"+id).Want(t, 404)
	stranger.Get("/collections/messages/records/"+sdk.Text("id")).Want(t, 404)
	if theirs := stranger.Get("/collections/messages/records").Want(t, 200); len(theirs.List("items")) != 0 {
		t.Fatalf("a stranger reads: %s", theirs.Raw)
	}
}
