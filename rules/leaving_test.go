package rules_test

import (
	"testing"

	"carecollective/internal/apptest"
)

func TestWhoLeftOrDeclinedSeesTheirOwnPlaceAlone(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"decline", "leave a request", "leave"} {
		t.Run(how, func(t *testing.T) {
			w := collective(t)
			ana, ben := w.Member("Ana"), w.Member("Ben")
			id := ana.Asks(t, ben, "Hello, may I?")
			message := ana.Get("/conversations/" + id).Text("conversation.last_message.id")
			wantConsent := "declined"
			switch how {
			case "decline":
				take(ben, id, "decline").Want(t, 200)
			case "leave a request":
				take(ben, id, "leave").Want(t, 200)
			default:
				take(ben, id, "accept").Want(t, 200)
				take(ben, id, "leave").Want(t, 200)
				wantConsent = "accepted"
			}
			for _, path := range []string{
				"/conversations/" + id, "/conversations/" + id + "/messages", "/collections/conversations/records/" + id,
				"/collections/messages/records/" + message,
			} {
				ben.Get(path).Want(t, 404)
			}
			ben.Put("/messages/"+message+"/read", nil).Want(t, 404)
			ben.Post("/conversations/"+id+"/typing", apptest.JSON{"is_typing": true}).Want(t, 404)
			ben.Post("/conversations/"+id+"/block", nil).Want(t, 404)
			ben.Post("/conversations/"+id+"/contact", apptest.JSON{"type": "email"}).Want(t, 404)
			write(ben, id, "Still here?").Want(t, 404)
			ben.Post("/collections/messages/records", apptest.JSON{"conversation": id, "content": "Still?"}).Want(t, 404)
			if total := ben.Get("/conversations").Want(t, 200).Number("pagination.total"); total != 0 {
				t.Errorf("the list still has %d", total)
			}
			if rows := records(t, ben, "messages"); len(rows) != 0 {
				t.Errorf("messages are still seen: %v", rows)
			}
			own := ben.Get("/collections/conversation_participants/records").Want(t, 200)
			if len(own.List("items")) != 1 || own.Text("items.0.user") != ben.ID || own.Text("items.0.consent") != wantConsent {
				t.Errorf("not their own place alone: %s", own.Raw)
			}
		})
	}
}

func TestLeavingADirectConversationClosesItForTheOther(t *testing.T) {
	w := collective(t)
	ana, ben := w.Member("Ana"), w.Member("Ben")
	id := ana.Meets(t, ben)
	take(ben, id, "leave").Want(t, 200)
	seen := ana.Get("/conversations/"+id+"/messages").Want(t, 200)
	if seen.Text("conversation.status") != "closed" || len(seen.List("messages")) != 1 || len(seen.List("conversation.participants")) != 2 {
		t.Errorf("the other does not keep it: %s", seen.Raw)
	}
	write(ana, id, "Hello?").Refused(t, "conversation_closed")
	ana.Post("/conversations/"+id+"/typing", apptest.JSON{"is_typing": true}).Refused(t, "conversation_closed")
	edit(ana, seen.Text("messages.0.id"), "Hello?").Refused(t, "conversation_closed")
}
