package rules_test

import (
	"testing"

	"carecollective/internal/apptest"
	"carecollective/server"
)

func TestAStartUnderPreApprovalWaitsAsAWhole(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana, ben, moderator := w.Member("Ana"), w.Member("Ben"), w.Moderator("Mo")
	w.Prefers(ana, apptest.JSON{"can_receive_from": "anyone"})
	w.Stands(ben, apptest.JSON{"requires_pre_approval": true})
	id := ben.Post("/conversations", apptest.JSON{"recipient_id": ana.ID, "initial_message": "Hello"}).Want(t, 201).Text("conversation.id")
	ana.Get("/conversations/"+id).Want(t, 404)
	queue := moderator.Get("/moderation/queue").Want(t, 200)
	moderator.Post("/moderation/queue/"+queue.Text("items.0.id")+"/resolve", apptest.JSON{"action": "pre_approve", "note": ""}).Want(t, 200)
	if seen := ana.Get("/conversations/"+id).Want(t, 200); seen.Text("conversation.consent") != "pending" || seen.Text("conversation.last_message.content") != "Hello" {
		t.Fatalf("who was asked sees %s", seen.Raw)
	}
	ana.Post("/conversations/"+id+"/accept", nil).Want(t, 200)
	ben.Post("/conversations/"+id+"/messages", apptest.JSON{"content": "Thanks"}).Want(t, 201)
	if page := ana.Get("/conversations/"+id+"/messages").Want(t, 200); len(page.List("messages")) != 1 {
		t.Fatalf("the next one was not held: %s", page.Raw)
	}
}

func TestUnderPreApprovalTheWholeStartWaits(t *testing.T) {
	w := collective(t)
	ana, ben := w.Member("Ana"), w.Member("Ben")
	w.Prefers(ben, apptest.JSON{"can_receive_from": "anyone"})
	w.Stands(ana, apptest.JSON{"requires_pre_approval": true})
	before := inbox(t, ben)
	started := start(ana, ben.ID).Want(t, 201)
	id := started.Text("conversation.id")
	if started.Text("consent") != "pending" || started.Text("message.moderation_status") != "pending" || started.Number("message.seq") != 0 {
		t.Errorf("started otherwise: %s", started.Raw)
	}
	write(ana, id, "And more").Refused(t, "consent_pending")
	start(ana, ben.ID).Refused(t, "consent_pending")
	thread := ana.Get("/conversations/"+id+"/messages").Want(t, 200)
	if len(thread.List("messages")) != 1 || thread.Text("messages.0.content") != "Hello, may I?" {
		t.Errorf("its sender does not see it: %s", thread.Raw)
	}
	ben.Get("/conversations/"+id).Want(t, 404)
	ben.Get("/collections/messages/records/"+started.Text("message.id")).Want(t, 404)
	take(ben, id, "accept").Want(t, 404)
	if after := inbox(t, ben); after != before {
		t.Errorf("it is seen by the recipient: %s", after)
	}
}
