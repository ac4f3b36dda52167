package rules_test

import (
	"testing"

	"carecollective/internal/apptest"
)

func TestBlockedInADirectConversation(t *testing.T) {
	eyes := blocked(t, talking(t))
	ana, ben := eyes.me, eyes.silent
	before := inbox(t, ben)

	eyes.everythingIsAlike()
	sent, _ := eyes.alike("sending", func(_ *apptest.Person, id string) apptest.Answer {
		return write(ana, id, "Are you there?").Want(t, 201)
	})
	eyes.alike("sending by the SDK", func(_ *apptest.Person, id string) apptest.Answer {
		return ana.Post("/collections/messages/records", apptest.JSON{"conversation": id, "content": "Hello?"}).Want(t, 200)
	})
	eyes.alike("starting again", func(them *apptest.Person, _ string) apptest.Answer { return start(ana, them.ID).Want(t, 201) })
	eyes.alike("typing", func(_ *apptest.Person, id string) apptest.Answer {
		return ana.Post("/conversations/"+id+"/typing", apptest.JSON{"is_typing": true}).Want(t, 204)
	})
	eyes.everythingIsAlike()

	if after := inbox(t, ben); after != before {
		t.Errorf("something of it reached the blocker:\n%s\n%s", before, after)
	}
	message := sent.Text("message.id")
	ben.Get("/collections/messages/records/"+message).Want(t, 404)
	ben.Put("/messages/"+message+"/read", nil).Want(t, 404)
	thread := ben.Get("/conversations/"+eyes.with+"/messages").Want(t, 200)
	if len(thread.List("messages")) != 1 || thread.Text("conversation.status") != "blocked" || thread.At("conversation.is_blocked") != true {
		t.Errorf("the blocker sees otherwise: %s", thread.Raw)
	}

	unblock(t, ben)
	if after := ben.Get("/conversations/"+eyes.with+"/messages").Want(t, 200); len(after.List("messages")) != 1 || after.Number("conversation.last_seq") != 1 {
		t.Errorf("what was sent meanwhile arrives after the unblock: %s", after.Raw)
	}
	if asked := write(ben, eyes.with, "Back again.").Want(t, 201); asked.Number("message.seq") != 5 {
		t.Errorf("no gap is left: %s", asked.Raw)
	}
	ben.Post("/conversations/"+eyes.with+"/messages", apptest.JSON{"content": "What?", "reply_to": message}).Want(t, 400)
	write(ana, eyes.with, "Welcome back.").Want(t, 201)
	after := ben.Get("/conversations/"+eyes.with+"/messages").Want(t, 200)
	if len(after.List("messages")) != 3 || after.Number("messages.1.seq") != 5 || after.Number("messages.2.seq") != 6 || after.Number("conversation.unread_count") != 2 {
		t.Errorf("after the unblock it goes on otherwise: %s", after.Raw)
	}
}

func TestTheBlockersOwnWritesAreRefused(t *testing.T) {
	eyes := blocked(t, talking(t))
	ana, ben, id := eyes.me, eyes.silent, eyes.with
	write(ben, id, "No.").Refused(t, "blocked_by_you")
	ben.Post("/collections/messages/records", apptest.JSON{"conversation": id, "content": "No."}).Refused(t, "blocked_by_you")
	ben.Post("/conversations/"+id+"/contact", apptest.JSON{"type": "phone"}).Refused(t, "blocked_by_you")
	start(ben, ana.ID).Refused(t, "blocked_by_you")
	gather(ben, ana.ID).Refused(t, "blocked_by_you")
	gather(ben, eyes.control.ID, ana.ID).Refused(t, "blocked_by_you")
	ben.Post("/conversations/"+id+"/typing", apptest.JSON{"is_typing": true}).Want(t, 204)
}

func TestBlockingByRouteAndBySDKIsOne(t *testing.T) {
	w := collective(t)
	ana, ben, cleo := w.Member("Ana"), w.Member("Ben"), w.Member("Cleo")
	id := ana.Meets(t, ben)
	for range 2 {
		if answer := ben.Post("/conversations/"+id+"/block", nil).Want(t, 200); answer.Raw != "{\"blocked\":true}\n" {
			t.Errorf("answered %s", answer.Raw)
		}
	}
	again := ben.Post("/collections/user_blocks/records", apptest.JSON{"blocked": ana.ID, "blocker": cleo.ID}).Want(t, 200)
	if again.Text("blocker") != ben.ID || len(records(t, ben, "user_blocks")) != 1 || len(records(t, ana, "user_blocks")) != 0 {
		t.Errorf("not one block, seen by the blocker alone: %s", again.Raw)
	}
	ana.Delete("/collections/user_blocks/records/"+again.Text("id")).Want(t, 404)
	if answer := ana.Delete("/conversations/"+id+"/block").Want(t, 200); answer.At("blocked") != false || len(records(t, ben, "user_blocks")) != 1 {
		t.Errorf("the blocked one undoes the block: %s", answer.Raw)
	}
	for range 2 {
		if answer := ben.Delete("/conversations/"+id+"/block").Want(t, 200); answer.At("blocked") != false {
			t.Errorf("answered %s", answer.Raw)
		}
	}
	cleo.Post("/conversations/"+id+"/block", nil).Want(t, 404)
	w.Guest().Post("/conversations/"+id+"/block", nil).Want(t, 401)
	group := gathered(t, cleo, []*apptest.Person{ana})
	cleo.Post("/conversations/"+group+"/block", nil).Refused(t, "not_allowed")
	ben.Post("/collections/user_blocks/records", apptest.JSON{"blocked": ben.ID}).Want(t, 400)
	ben.Post("/collections/user_blocks/records", apptest.JSON{"blocked": "nosuchmember000"}).Want(t, 400)
}

func TestBlockingTwiceAtOnceIsBlockingOnce(t *testing.T) {
	w := collective(t)
	ana, ben := w.Member("Ana"), w.Member("Ben")
	id := ana.Meets(t, ben)
	statuses, answers := atOnce(10, func(i int) apptest.Answer {
		if i%2 == 0 {
			return ben.Post("/conversations/"+id+"/block", nil)
		}
		return ben.Post("/collections/user_blocks/records", apptest.JSON{"blocked": ana.ID})
	})
	if statuses[200] != 10 || count(t, w, "user_blocks") != 1 {
		t.Errorf("answered %v: %v", statuses, answers)
	}
}

func TestTheStatusOfABlockedConversation(t *testing.T) {
	w := collective(t)
	ana, ben := w.Member("Ana"), w.Member("Ben")
	id := ana.Meets(t, ben)
	block(t, ben, ana)
	status := func(who *apptest.Person, want string) {
		t.Helper()
		for _, got := range []string{
			who.Get("/conversations/" + id).Text("conversation.status"),
			who.Get("/collections/conversations/records/" + id).Text("status"),
			who.Get("/conversations?status=" + want).Text("conversations.0.status"),
		} {
			if got != want {
				t.Errorf("shown as %q, want %q", got, want)
			}
		}
	}
	status(ben, "blocked")
	status(ana, "active")
	take(ana, id, "close").Want(t, 200)
	status(ben, "blocked")
	status(ana, "closed")
	unblock(t, ben)
	status(ben, "closed")
}
