package rules_test

import (
	"testing"
	"time"

	"carecollective/internal/apptest"
	"carecollective/messaging"
)

func TestARequestOfTheBlockedThatWaited(t *testing.T) {
	eyes := blocked(t, func(them, ana *apptest.Person) string { return ana.Asks(t, them, "Hello, may I?") })
	ana, ben := eyes.me, eyes.silent
	eyes.everythingIsAlike()
	eyes.alike("another message", func(_ *apptest.Person, id string) apptest.Answer { return write(ana, id, "Please?") })
	eyes.alike("an edit", func(_ *apptest.Person, id string) apptest.Answer {
		return edit(ana, ana.Get("/conversations/"+id).Text("conversation.last_message.id"), "Please?")
	})
	seen := ben.Get("/conversations/"+eyes.with+"/messages").Want(t, 200)
	if seen.Text("messages.0.content") != "Hello, may I?" || seen.Text("conversation.status") != "blocked" {
		t.Errorf("the blocker does not keep the request: %s", seen.Raw)
	}
	take(ben, eyes.with, "accept").Refused(t, "blocked_by_you")
	unblock(t, ben)
	take(ben, eyes.with, "accept").Want(t, 200)
	write(ana, eyes.with, "Thank you!").Want(t, 201)
	if seen := ben.Get("/conversations/"+eyes.with).Want(t, 200); seen.Text("conversation.last_message.content") != "Thank you!" {
		t.Errorf("it does not go on after the unblock: %s", seen.Raw)
	}
}

func TestARequestOfTheBlockerThatWaits(t *testing.T) {
	eyes := blocked(t, func(them, ana *apptest.Person) string { return them.Asks(t, ana, "Hello, may I?") })
	ana, ben := eyes.me, eyes.silent
	eyes.everythingIsAlike()
	eyes.alike("accepting", func(_ *apptest.Person, id string) apptest.Answer { return take(ana, id, "accept").Want(t, 200) })
	before := ben.Get("/conversations/"+eyes.with).Want(t, 200).Text("conversation.last_message.id")
	eyes.alike("answering", func(_ *apptest.Person, id string) apptest.Answer { return write(ana, id, "Yes?").Want(t, 201) })
	eyes.everythingIsAlike()
	if seen := ben.Get("/conversations/"+eyes.with).Want(t, 200); seen.Text("conversation.last_message.id") != before {
		t.Errorf("the answer reached the blocker: %s", seen.Raw)
	}
	write(ben, eyes.with, "More").Refused(t, "blocked_by_you")
}

// What arrived while a request waited becomes delivered, and read, once it is accepted, also when it is by a blocker.
func TestWhatArrivedBeforeARequestOfTheBlockerIsAcceptedLooksLikeAnyOther(t *testing.T) {
	eyes := blocked(t, func(them, ana *apptest.Person) string { return them.Asks(t, ana, "Hello, may I?") })
	arrives := func() {
		t.Helper()
		for _, id := range []string{eyes.with, eyes.beside} {
			if err := messaging.MarkDelivered(eyes.me.World.App, id, eyes.me.ID, 1, time.Now()); err != nil {
				t.Fatal(err)
			}
		}
	}
	first := func(id string) string {
		return eyes.me.Get("/conversations/"+id+"/messages").Want(t, 200).Text("messages.0.id")
	}
	shown := func(_ *apptest.Person, id string) apptest.Answer { return eyes.me.Get(record+first(id)).Want(t, 200) }
	reads := func(_ *apptest.Person, id string) apptest.Answer {
		return eyes.me.Put("/messages/"+first(id)+"/read", nil).Want(t, 200)
	}
	arrives()
	eyes.alike("reading", reads)
	eyes.alike("accepting", func(_ *apptest.Person, id string) apptest.Answer { return take(eyes.me, id, "accept").Want(t, 200) })
	arrives()
	if silent, _ := eyes.alike("the message, delivered", shown); silent.Text("status") != "delivered" {
		t.Errorf("it is %s", silent.Text("status"))
	}
	eyes.alike("reading again", reads)
	if silent, _ := eyes.alike("the message, read", shown); silent.Text("status") != "read" {
		t.Errorf("it is %s", silent.Text("status"))
	}
}

// What Ana starts while Ben blocks her is hers alone.
func TestARequestStartedWhileBlockedNeverArrives(t *testing.T) {
	w := collective(t)
	ana, ben, cid := w.Member("Ana"), w.Member("Ben"), w.Member("Cid")
	w.Prefers(ben, apptest.JSON{"can_receive_from": "anyone"})
	w.Prefers(cid, apptest.JSON{"can_receive_from": "anyone"})
	block(t, ben, ana)
	before := inbox(t, ben)
	eyes := pair{t: t, me: ana, silent: ben, control: cid}
	one, other := eyes.alike("the start", func(them *apptest.Person, _ string) apptest.Answer { return start(ana, them.ID).Want(t, 201) })
	eyes.with, eyes.beside = one.Text("conversation.id"), other.Text("conversation.id")
	eyes.everythingIsAlike()
	nothing := func() {
		t.Helper()
		if after := inbox(t, ben); after != before {
			t.Errorf("the start reached the blocker:\n%s", after)
		}
		for _, path := range []string{"/conversations/" + eyes.with, "/conversations/" + eyes.with + "/messages", "/collections/conversations/records/" + eyes.with} {
			ben.Get(path).Want(t, 404)
		}
		for _, step := range []string{"accept", "decline", "leave", "close"} {
			take(ben, eyes.with, step).Want(t, 404)
		}
		if rows := records(t, ben, "conversation_participants"); len(rows) != 0 {
			t.Errorf("the blocker has a place: %v", rows)
		}
	}
	nothing()
	unblock(t, ben)
	nothing()
	eyes.alike("another start", func(them *apptest.Person, _ string) apptest.Answer { return start(ana, them.ID) })
	write(ana, eyes.with, "Anybody?").Refused(t, "consent_pending")
	nothing()

	w.Prefers(ana, apptest.JSON{"can_receive_from": "anyone"})
	if theirs := start(ben, ana.ID).Want(t, 201); theirs.Text("conversation.id") == eyes.with {
		t.Errorf("the blocker's own start goes into what is not theirs: %s", theirs.Raw)
	}
}

func TestAnAcceptedStartWhileBlockedArrivesWithTheFirstMessageAfterAnUnblock(t *testing.T) {
	w := collective(t)
	ana, ben, cid := w.Member("Ana"), w.Member("Ben"), w.Member("Cid")
	request := needs(t, ana)
	eyes := pair{t: t, me: ana, silent: ben, control: cid}
	eyes.alike("an offer", func(them *apptest.Person, _ string) apptest.Answer {
		offered := start(them, ana.ID, about(request)).Want(t, 201)
		return take(ana, offered.Text("conversation.id"), "close").Want(t, 200)
	})
	block(t, ben, ana)
	one, other := eyes.alike("the start", func(them *apptest.Person, _ string) apptest.Answer {
		return start(ana, them.ID, about(request)).Want(t, 201)
	})
	eyes.with, eyes.beside = one.Text("conversation.id"), other.Text("conversation.id")
	if one.Text("consent") != "accepted" {
		t.Errorf("not accepted: %s", one.Raw)
	}
	eyes.alike("a second message", func(_ *apptest.Person, id string) apptest.Answer { return write(ana, id, "Still there?").Want(t, 201) })
	eyes.everythingIsAlike()
	ben.Get("/conversations/"+eyes.with).Want(t, 404)
	unblock(t, ben)
	ben.Get("/conversations/"+eyes.with).Want(t, 404)
	if rows := records(t, ben, "messages"); len(rows) != 1 {
		t.Errorf("the unblock brought messages: %v", rows)
	}

	write(ana, eyes.with, "And now?").Want(t, 201)
	seen := ben.Get("/conversations/"+eyes.with+"/messages").Want(t, 200)
	if len(seen.List("messages")) != 1 || seen.Text("messages.0.content") != "And now?" || seen.Number("messages.0.seq") != 3 ||
		seen.Number("conversation.unread_count") != 1 || seen.Text("conversation.consent") != "accepted" {
		t.Errorf("it arrives otherwise: %s", seen.Raw)
	}
	write(ben, eyes.with, "Hello again.").Want(t, 201)
}
