package rules_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"carecollective/internal/apptest"
	"carecollective/server"
)

func TestNobodyWritesWhileARequestWaits(t *testing.T) {
	t.Parallel()
	for name, way := range apptest.Ways {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := apptest.New(t, server.Config{})
			ana, ben := w.Member("Ana"), w.Member("Ben")
			conversation := ana.Asks(t, ben, "May I?")
			way.Send(ana, conversation, apptest.JSON{"content": "x"}).Refused(t, "consent_pending")
			way.Send(ben, conversation, apptest.JSON{"content": "x"}).Refused(t, "consent_pending")
		})
	}
}

func TestARequestIsItsFirstMessageAlone(t *testing.T) {
	w := collective(t)
	ana, ben := w.Member("Ana"), w.Member("Ben")
	id := ana.Asks(t, ben, "Hello, may I?")
	write(ana, id, "And one more.").Refused(t, "consent_pending")
	write(ben, id, "Who are you?").Refused(t, "consent_pending")
	ben.Post("/collections/messages/records", apptest.JSON{"conversation": id, "content": "Who?"}).Refused(t, "consent_pending")
	ben.Post("/conversations/"+id+"/contact", apptest.JSON{"type": "phone"}).Refused(t, "consent_pending")
	ana.Post("/conversations/"+id+"/contact", apptest.JSON{"type": "phone"}).Refused(t, "consent_pending")

	thread := ben.Get("/conversations/"+id+"/messages").Want(t, 200)
	if len(thread.List("messages")) != 1 || thread.Text("messages.0.content") != "Hello, may I?" || thread.Text("conversation.consent") != "pending" || thread.Number("conversation.unread_count") != 1 {
		t.Errorf("the request differs: %s", thread.Raw)
	}
	message := thread.Text("messages.0.id")
	edit(ana, message, "Hello!").Refused(t, "consent_pending")
	if len(records(t, ben, "messages")) != 1 || len(records(t, ben, "conversations")) != 1 || len(records(t, ben, "conversation_participants")) != 2 {
		t.Error("the records of a request differ")
	}

	ben.Put("/messages/"+message+"/read", nil).Want(t, 200)
	ben.Post("/conversations/"+id+"/typing", apptest.JSON{"is_typing": true}).Want(t, 204)
	if seen := ana.Get("/collections/messages/records/"+message).Want(t, 200); seen.Text("status") != "sent" || seen.Text("read_at") != "" {
		t.Errorf("the sender sees that a request was read: %s", seen.Raw)
	}
	for i := range 2 {
		rows := ana.Get("/collections/conversation_participants/records").Want(t, 200)
		at := "items." + strconv.Itoa(i) + "."
		if rows.Text(at+"user") == ben.ID && (rows.Number(at+"last_read_seq") != 0 || rows.Number(at+"last_delivered_seq") != 0 || rows.At(at+"unread_count") != nil) {
			t.Errorf("the sender sees how far a request was read: %s", rows.Raw)
		}
	}
	take(ben, id, "accept").Want(t, 200)
	if seen := ana.Get("/conversations/"+id).Want(t, 200); seen.Text("conversation.consent") != "accepted" {
		t.Errorf("the sender does not see that it was accepted: %s", seen.Raw)
	}
	edit(ana, message, "Hello!").Want(t, 200)
	write(ben, id, "Hello.").Want(t, 201)
}

func TestARequestThatItsSenderTookBackStaysReadable(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"leave", "close"} {
		t.Run(how, func(t *testing.T) {
			w := collective(t)
			ana, ben := w.Member("Ana"), w.Member("Ben")
			id := ana.Asks(t, ben, "Hello, may I?")
			take(ana, id, how).Want(t, 200)
			seen := ben.Get("/conversations/"+id+"/messages").Want(t, 200)
			if seen.Text("messages.0.content") != "Hello, may I?" || seen.Text("conversation.status") != "closed" || seen.Text("conversation.consent") != "pending" {
				t.Errorf("not as it was: %s", seen.Raw)
			}
			take(ben, id, "accept").Refused(t, "conversation_closed")
			write(ben, id, "No.").Refused(t, "conversation_closed")
			ben.Post("/conversations/"+id+"/block", nil).Want(t, 200)
		})
	}
}

func TestARequestThatNobodyAnsweredClosesByItself(t *testing.T) {
	w := collective(t)
	ana, ben := w.Member("Ana"), w.Member("Ben")
	group := gathered(t, ana, nil, ben)
	id := ana.Asks(t, ben, "Hello, may I?")
	longAgo(t, w, "conversation_participants", "requested_at", 31*days)
	take(ben, id, "accept").Refused(t, "conversation_closed")
	for _, job := range w.App.Cron().Jobs() {
		if job.Id() == "collective.tidy" {
			job.Run()
		}
	}
	for _, who := range []*apptest.Person{ana, ben} {
		if seen := who.Get("/conversations/"+id).Want(t, 200); seen.Text("conversation.status") != "closed" || seen.Text("conversation.consent") != "pending" {
			t.Errorf("not closed: %s", seen.Raw)
		}
	}
	take(ben, id, "accept").Refused(t, "conversation_closed")
	take(ben, group, "accept").Want(t, 200)
	again := start(ana, ben.ID).Want(t, 201)
	if again.Text("conversation.id") == id || again.Text("consent") != "pending" {
		t.Errorf("not judged afresh: %s", again.Raw)
	}
}

func TestWithoutAWaitANewRequestTakesThePlaceOfTheLast(t *testing.T) {
	w := collective(t)
	w.Settings(apptest.JSON{"request_again_days": 0})
	ana, ben := w.Member("Ana"), w.Member("Ben")
	first := ana.Asks(t, ben, "Hello, may I?")
	longAgo(t, w, "conversation_participants", "requested_at", time.Second)
	second := ana.Asks(t, ben, "And now?")
	take(ben, first, "accept").Refused(t, "conversation_closed")
	take(ben, second, "accept").Want(t, 200)
}

func TestWhoIsAskedSeesTheRequestAndItsFirstMessage(t *testing.T) {
	t.Parallel()
	w, ana, ben, _ := apptest.Talk(t)
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
	if page := cleo.Get("/conversations/"+group+"/messages").Want(t, 200); !slices.Equal(apptest.Seqs(page.List("messages")), []int{1}) || page.Number("conversation.last_seq") != 1 {
		t.Errorf("the request: %s", page.Raw)
	}
	if listed := cleo.Get("/collections/messages/records").Want(t, 200); len(listed.List("items")) != 1 {
		t.Errorf("by the SDK: %s", listed.Raw)
	}
	if c := cleo.Get("/collections/conversations/records/"+group).Want(t, 200); c.Number("last_seq") != 1 {
		t.Errorf("the record: %s", c.Raw)
	}
	cleo.Post("/conversations/"+group+"/accept", nil).Want(t, 200)
	if page := cleo.Get("/conversations/"+group+"/messages").Want(t, 200); !slices.Equal(apptest.Seqs(page.List("messages")), []int{1, 2, 3, 4}) {
		t.Errorf("once accepted: %s", page.Raw)
	}
}
