package rules_test

import (
	"strconv"
	"testing"

	"carecollective/internal/apptest"
)

func TestInAGroupTheBlockerGetsTombstonesWhichStay(t *testing.T) {
	w := collective(t)
	ana, ben, cleo := w.Member("Ana"), w.Member("Ben"), w.Member("Cleo")
	id := gathered(t, cleo, []*apptest.Person{ana, ben})
	kept := ana.Says(t, id, "Before the block")
	block(t, ben, ana)
	before := ben.Get("/conversations/"+id).Want(t, 200)
	message := ana.Says(t, id, "Into the group")
	after := ben.Get("/conversations/"+id).Want(t, 200)
	if before.Raw != after.Raw {
		t.Errorf("a tombstone moves the blocker's list:\n%s\n%s", before.Raw, after.Raw)
	}
	tombstone := func(message string) {
		t.Helper()
		if seen := ben.Get("/collections/messages/records/"+message).Want(t, 200); seen.Text("content") != "" {
			t.Errorf("no tombstone: %s", seen.Raw)
		}
		if seen := cleo.Get("/collections/messages/records/"+message).Want(t, 200); seen.Text("content") == "" {
			t.Errorf("a tombstone for others: %s", seen.Raw)
		}
	}
	tombstone(message)
	edit(ana, message, "Edited in the group").Want(t, 200)
	tombstone(message)
	edit(ana, kept, "Edited after the block").Want(t, 200)
	if seen := ben.Get("/collections/messages/records/"+kept).Want(t, 200); seen.Text("content") != "Before the block" {
		t.Errorf("an edit reached the blocker: %s", seen.Raw)
	}

	write(ben, id, "The blocker writes to the group").Want(t, 201)
	thread := ana.Get("/conversations/"+id+"/messages").Want(t, 200)
	if n := len(thread.List("messages")); thread.Text("messages."+strconv.Itoa(n-1)+".content") != "The blocker writes to the group" {
		t.Errorf("the blocked one does not read the group: %s", thread.Raw)
	}
	unblock(t, ben)
	tombstone(message)
	if later := ana.Says(t, id, "After the unblock"); ben.Get("/collections/messages/records/"+later).Want(t, 200).Text("content") != "After the unblock" {
		t.Error("after the unblock it does not go on")
	}
}

func TestInAGroupTheBlockedSeesTheBlockersWatermarkFrozen(t *testing.T) {
	w := collective(t)
	ana, ben, cleo := w.Member("Ana"), w.Member("Ben"), w.Member("Cleo")
	id := gathered(t, cleo, []*apptest.Person{ana, ben})
	first := ana.Says(t, id, "One")
	ben.Put("/messages/"+first+"/read", nil).Want(t, 200)
	watermark := func(viewer *apptest.Person) int {
		row := viewer.Get("/collections/conversation_participants/records/"+w.Place(id, ben).Id).Want(t, 200)
		return row.Number("last_read_seq")
	}
	before := watermark(ana)
	block(t, ben, ana)
	ben.Put("/messages/"+cleo.Says(t, id, "Two")+"/read", nil).Want(t, 200)
	if watermark(ana) != before || watermark(cleo) <= before {
		t.Errorf("the blocked one sees %d (before: %d), others %d", watermark(ana), before, watermark(cleo))
	}
}

func TestAnInvitationByTheBlockedReachesTheBlockerAfterAnUnblock(t *testing.T) {
	w := collective(t)
	ana, ben, cid, cleo := w.Member("Ana"), w.Member("Ben"), w.Member("Cid"), w.Member("Cleo")
	block(t, ben, ana)
	id := gathered(t, ana, []*apptest.Person{cleo}, ben, cid)
	rows := ana.Get("/collections/conversation_participants/records?sort=user").Want(t, 200)
	for _, viewer := range []*apptest.Person{ana, cleo} {
		for _, asked := range []*apptest.Person{ben, cid} {
			row := viewer.Get("/collections/conversation_participants/records/"+w.Place(id, asked).Id).Want(t, 200)
			if row.Text("consent") != "pending" {
				t.Errorf("not pending to the group: %s", row.Raw)
			}
		}
		if people := viewer.Get("/conversations/"+id).Want(t, 200).List("conversation.participants"); len(people) != 4 {
			t.Errorf("the group shows %d people: %s", len(people), rows.Raw)
		}
	}
	unseen := func() {
		t.Helper()
		ben.Get("/conversations/"+id).Want(t, 404)
		take(ben, id, "accept").Want(t, 404)
		if own := records(t, ben, "conversation_participants"); len(own) != 0 {
			t.Errorf("the blocker sees the invitation: %v", own)
		}
	}
	unseen()
	write(cleo, id, "While blocked").Want(t, 201)
	unseen()
	unblock(t, ben)
	unseen()
	write(cleo, id, "After the unblock").Want(t, 201)
	seen := ben.Get("/conversations/"+id+"/messages").Want(t, 200)
	if seen.Text("conversation.consent") != "pending" || len(seen.List("messages")) != 1 || seen.Text("messages.0.content") != "" {
		t.Errorf("the invitation arrives otherwise: %s", seen.Raw)
	}
	take(ben, id, "accept").Want(t, 200)
	thread := ben.Get("/conversations/"+id+"/messages").Want(t, 200)
	if got := thread.Text("messages.2.content"); got != "While blocked" && thread.Text("messages.3.content") == "" {
		t.Errorf("what others wrote is missing: %s", thread.Raw)
	}
}
