package rules_test

import (
	"testing"

	"carecollective/internal/apptest"
)

func TestAConversationIsUsedAgain(t *testing.T) {
	t.Parallel()
	again := func(t *testing.T, from, to *apptest.Person, conversation string, more apptest.JSON) {
		t.Helper()
		started := start(from, to.ID, more).Want(t, 201)
		if started.Text("conversation.id") != conversation || started.Text("message.conversation") != conversation || started.Number("message.seq") < 2 {
			t.Fatalf("not used again: %s", started.Raw)
		}
		if started.Text("consent") != "accepted" {
			t.Fatalf("not accepted: %s", started.Raw)
		}
	}
	t.Run("by either of the two, before anything else is asked", func(t *testing.T) {
		w := collective(t)
		ana, ben := w.Member("Ana"), w.Member("Ben")
		id := ana.Meets(t, ben)
		w.Prefers(ana, apptest.JSON{"can_receive_from": "nobody"})
		w.Prefers(ben, apptest.JSON{"can_receive_from": "nobody"})
		w.Stands(ana, apptest.JSON{"restriction_level": "limited"})
		again(t, ana, ben, id, nil)
		again(t, ben, ana, id, nil)
	})
	t.Run("about the same help request only", func(t *testing.T) {
		w := collective(t)
		ana, ben := w.Member("Ana"), w.Member("Ben")
		plain := ana.Meets(t, ben)
		first, second := needs(t, ben), needs(t, ben)
		about1 := start(ana, ben.ID, about(first)).Want(t, 201).Text("conversation.id")
		about2 := start(ana, ben.ID, about(second)).Want(t, 201).Text("conversation.id")
		if plain == about1 || plain == about2 || about1 == about2 {
			t.Fatal("conversations about different things are one")
		}
		again(t, ana, ben, plain, nil)
		again(t, ana, ben, about1, about(first))
		again(t, ben, ana, about2, about(second))
		again(t, ana, ben, plain, about("nosuchrequest00"))
		again(t, ana, ben, plain, about(needs(t, w.Member("Cleo"))))
	})
	t.Run("also when its help request is closed meanwhile", func(t *testing.T) {
		w := collective(t)
		ana, ben := w.Member("Ana"), w.Member("Ben")
		request := needs(t, ben)
		id := start(ana, ben.ID, about(request)).Want(t, 201).Text("conversation.id")
		ben.Patch("/collections/help_requests/records/"+request, apptest.JSON{"status": "closed"}).Want(t, 200)
		again(t, ana, ben, id, about(request))
	})
	t.Run("a request that the sender cannot see does not count", func(t *testing.T) {
		w := collective(t)
		ana, ben := w.Member("Ana"), w.Member("Ben")
		request := needs(t, ben)
		id := start(ana, ben.ID, about(request)).Want(t, 201).Text("conversation.id")
		block(t, ben, ana)
		again(t, ana, ben, id, nil)
		again(t, ana, ben, id, about(request))
	})
	t.Run("of several the latest", func(t *testing.T) {
		w := collective(t)
		ana, ben := w.Member("Ana"), w.Member("Ben")
		first, second := needs(t, ben), needs(t, ben)
		older := start(ana, ben.ID, about(first)).Want(t, 201).Text("conversation.id")
		newer := start(ana, ben.ID, about(second)).Want(t, 201).Text("conversation.id")
		for _, request := range []string{first, second} {
			ben.Delete("/collections/help_requests/records/"+request).Want(t, 204)
		}
		again(t, ana, ben, newer, nil)
		write(ben, older, "Here?").Want(t, 201)
		again(t, ana, ben, older, nil)
	})
	t.Run("of several the latest as the sender sees it", func(t *testing.T) {
		w := collective(t)
		ana, ben := w.Member("Ana"), w.Member("Ben")
		request := needs(t, ben)
		older := start(ana, ben.ID, about(request)).Want(t, 201).Text("conversation.id")
		newer := ana.Meets(t, ben)
		ben.Delete("/collections/help_requests/records/"+request).Want(t, 204)
		block(t, ana, ben)
		write(ben, older, "Into the void").Want(t, 201)
		unblock(t, ana)
		again(t, ana, ben, newer, nil)
		again(t, ben, ana, newer, nil) // where the last message is now
	})
	t.Run("not when it is closed", func(t *testing.T) {
		w := collective(t)
		ana, ben := w.Member("Ana"), w.Member("Ben")
		id := ana.Meets(t, ben)
		take(ben, id, "close").Want(t, 200)
		started := start(ana, ben.ID).Want(t, 201)
		if started.Text("conversation.id") == id || started.Text("consent") != "pending" {
			t.Fatalf("a closed conversation is used again: %s", started.Raw)
		}
	})
	t.Run("what forbids writing there is the answer", func(t *testing.T) {
		w := collective(t)
		ana, ben := w.Member("Ana"), w.Member("Ben")
		ana.Meets(t, ben)
		w.Stands(ana, apptest.JSON{"can_send_messages": false})
		start(ana, ben.ID).Refused(t, "account_limited")
		w.Stands(ana, apptest.JSON{"can_send_messages": true})
		block(t, ana, ben)
		start(ana, ben.ID).Refused(t, "blocked_by_you")
	})
}

// Rule 3.
func TestWhoeverHasAcceptedMayAlwaysAnswerThere(t *testing.T) {
	w := collective(t)
	ana, ben := w.Member("Ana"), w.Member("Ben")
	id := ana.Meets(t, ben)
	w.Prefers(ana, apptest.JSON{"can_receive_from": "nobody"})
	write(ben, id, "Of course.").Want(t, 201)
	w.Stands(ben, apptest.JSON{"can_start_conversations": false})
	write(ben, id, "And more.").Want(t, 201)
}
