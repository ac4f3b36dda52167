package rules_test

import (
	"testing"

	"carecollective/internal/apptest"
	"carecollective/server"
)

func TestTheBlockersHelpRequestsAreGoneForTheBlocked(t *testing.T) {
	w := collective(t)
	ana, ben, cid := w.Member("Ana"), w.Member("Ben"), w.Member("Cid")
	open, deleted := needs(t, ben), needs(t, cid)
	eyes := pair{
		t: t, me: ana, silent: ben, control: cid,
		with:   start(ana, ben.ID, about(open)).Want(t, 201).Text("conversation.id"),
		beside: start(ana, cid.ID, about(deleted)).Want(t, 201).Text("conversation.id"),
	}
	block(t, ben, ana)
	block(t, ben, w.Member("Dan")) // one of several
	cid.Delete("/collections/help_requests/records/"+deleted).Want(t, 204)
	of := map[string]string{eyes.with: open, eyes.beside: deleted}
	eyes.everythingIsAlike()
	eyes.alike("the request", func(_ *apptest.Person, id string) apptest.Answer {
		return ana.Get("/collections/help_requests/records/"+of[id]).Want(t, 404)
	})
	eyes.alike("the permissions", func(them *apptest.Person, id string) apptest.Answer {
		return ana.Get("/messaging/permissions?recipient_id=" + them.ID + "&help_request_id=" + of[id])
	})
	eyes.alike("using it again", func(them *apptest.Person, id string) apptest.Answer {
		return start(ana, them.ID, about(of[id])).Want(t, 201)
	})
	eyes.alike("closing", func(_ *apptest.Person, id string) apptest.Answer { return take(ana, id, "close").Want(t, 200) })
	eyes.alike("a new start", func(them *apptest.Person, id string) apptest.Answer { return start(ana, them.ID, about(of[id])) })
	if rows := records(t, ana, "help_requests"); len(rows) != 0 {
		t.Errorf("still listed: %v", rows)
	}
	for _, others := range []*apptest.Person{cid, ben} {
		if rows := records(t, others, "help_requests"); len(rows) != 1 {
			t.Errorf("gone for others, too: %v", rows)
		}
	}
	if seen := ben.Get("/conversations/"+eyes.with).Want(t, 200); seen.Text("conversation.help_request.id") != open {
		t.Errorf("gone for the owner, too: %s", seen.Raw)
	}
	unblockOf(t, ben, ana)
	ana.Get("/collections/help_requests/records/"+open).Want(t, 200)
	if seen := ana.Get("/conversations/"+eyes.with).Want(t, 200); seen.Text("conversation.help_request.id") != open {
		t.Errorf("not back after the unblock: %s", seen.Raw)
	}
}

func TestNewsOfAHelpRequestStopAtABlockInEitherDirection(t *testing.T) {
	t.Parallel()
	updates := func(t *testing.T, who *apptest.Person) int {
		n := 0
		for _, row := range records(t, who, "messages") {
			if apptest.At(row, "message_type") == "help_request_update" {
				n++
			}
		}
		return n
	}
	progress := func(t *testing.T, owner *apptest.Person, request string) {
		t.Helper()
		owner.Patch("/collections/help_requests/records/"+request, apptest.JSON{"status": "in_progress"}).Want(t, 200)
	}
	t.Run("the owner is blocked", func(t *testing.T) {
		w := collective(t)
		ana, ben := w.Member("Ana"), w.Member("Ben")
		request := needs(t, ana)
		start(ben, ana.ID, about(request)).Want(t, 201)
		block(t, ben, ana)
		progress(t, ana, request)
		if got := updates(t, ana); got != 1 {
			t.Errorf("the owner sees %d updates", got)
		}
		if after := ben.Get("/collections/messages/records?sort=conversation,seq").Want(t, 200); len(after.List("items")) != 1 {
			t.Errorf("the update reached the blocker: %s", after.Raw)
		}
		unblock(t, ben)
		if got := updates(t, ben); got != 0 {
			t.Errorf("the update arrives after the unblock: %d", got)
		}
	})
	t.Run("the owner blocks", func(t *testing.T) {
		w := collective(t)
		ana, ben := w.Member("Ana"), w.Member("Ben")
		request := needs(t, ben)
		start(ana, ben.ID, about(request)).Want(t, 201)
		block(t, ben, ana)
		progress(t, ben, request)
		if got := updates(t, ana); got != 0 {
			t.Errorf("the blocked one hears of a request that is gone: %d", got)
		}
	})
}

func TestAnUpdateDoesNotReachWhoHasBlockedTheOwner(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana, ben := w.Member("Ana"), w.Member("Ben")
	id := ana.Post(helpRequests, apptest.JSON{"title": "A ladder"}).Want(t, 200).Text("id")
	conversation := ben.Post("/conversations", apptest.JSON{"recipient_id": ana.ID, "help_request_id": id, "initial_message": "I have one"}).Want(t, 201).Text("conversation.id")
	ben.Post("/conversations/"+conversation+"/block", nil).Want(t, 200)
	ana.Patch(helpRequests+"/"+id, apptest.JSON{"status": "in_progress"}).Want(t, 200)
	if page := ana.Get("/conversations/" + conversation + "/messages"); len(page.List("messages")) != 2 || page.Text("messages.1.status") != "sent" {
		t.Errorf("the owner sees %s", page.Raw)
	}
	for _, unblocked := range []bool{false, true} {
		if unblocked {
			ben.Delete("/conversations/"+conversation+"/block").Want(t, 200)
		}
		page := ben.Get("/conversations/"+conversation+"/messages").Want(t, 200)
		if len(page.List("messages")) != 1 || page.Number("conversation.unread_count") != 0 || page.Number("conversation.last_seq") != 1 {
			t.Errorf("the blocker sees %s", page.Raw)
		}
	}
}
