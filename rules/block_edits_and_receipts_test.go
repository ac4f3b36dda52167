package rules_test

import (
	"testing"

	"carecollective/internal/apptest"
)

func TestTheBlockersEditsAreRefusedAndDeletionsAreFree(t *testing.T) {
	w := collective(t)
	ana, ben := w.Member("Ana"), w.Member("Ben")
	id := ana.Meets(t, ben)
	message := ben.Says(t, id, "My words")
	block(t, ben, ana)
	edit(ben, message, "Other words").Refused(t, "blocked_by_you")
	ben.Delete("/collections/messages/records/"+message).Want(t, 204)
	if seen := ana.Get("/collections/messages/records/"+message).Want(t, 200); seen.Text("content") != "" || seen.Text("deleted_at") == "" {
		t.Errorf("the deletion did not arrive: %s", seen.Raw)
	}
}

func TestEditsOfTheBlockedReachTheBlockerOnlyOnceEditedAgain(t *testing.T) {
	eyes := blocked(t, talking(t))
	ana, ben := eyes.me, eyes.silent
	message := ben.Get("/conversations/" + eyes.with).Text("conversation.last_message.id")
	other := eyes.control.Get("/conversations/" + eyes.beside).Text("conversation.last_message.id")
	before := inbox(t, ben)
	of := map[string]string{eyes.with: message, eyes.beside: other}
	eyes.alike("an edit", func(_ *apptest.Person, id string) apptest.Answer {
		return edit(ana, of[id], "Edited once").Want(t, 200)
	})
	eyes.everythingIsAlike()
	if after := inbox(t, ben); after != before {
		t.Errorf("an edit reached the blocker:\n%s\n%s", before, after)
	}
	changed := ben.Get("/conversations/"+eyes.with+"/messages?changed_since=2026-01-01%2000:00:00.000Z").Want(t, 200)
	if len(changed.List("changed")) != 0 {
		t.Errorf("an edit is told as a change: %s", changed.Raw)
	}
	unblock(t, ben)
	if seen := ben.Get("/collections/messages/records/"+message).Want(t, 200); seen.Text("content") != "Hello" || seen.Text("edited_at") != "" {
		t.Errorf("the unblock brought the edit: %s", seen.Raw)
	}
	edit(ana, message, "Edited twice").Want(t, 200)
	if seen := ben.Get("/collections/messages/records/"+message).Want(t, 200); seen.Text("content") != "Edited twice" || seen.Text("edited_at") == "" {
		t.Errorf("an edit after the unblock did not arrive: %s", seen.Raw)
	}
	block(t, ben, ana)
	edit(ana, message, "Edited thrice").Want(t, 200)
	if seen := ben.Get("/collections/messages/records/"+message).Want(t, 200); seen.Text("content") != "Edited twice" {
		t.Errorf("not as the blocker last saw it: %s", seen.Raw)
	}
}

func TestADeletionByTheBlockedReachesTheBlockerAfterAnEdit(t *testing.T) {
	eyes := blocked(t, talking(t))
	message := eyes.silent.Get("/conversations/" + eyes.with).Text("conversation.last_message.id")
	edit(eyes.me, message, "Edited").Want(t, 200)
	eyes.me.Delete("/collections/messages/records/"+message).Want(t, 204)
	for _, who := range []*apptest.Person{eyes.me, eyes.silent} {
		if seen := who.Get("/collections/messages/records/"+message).Want(t, 200); seen.Text("content") != "" || seen.Text("deleted_at") == "" {
			t.Errorf("not a tombstone: %s", seen.Raw)
		}
	}
}

func TestReceiptsAreFrozenForTheBlocked(t *testing.T) {
	w := collective(t)
	ana, ben, cid := w.Member("Ana"), w.Member("Ben"), w.Member("Cid")
	eyes := pair{t, ana, ben, cid, ana.Meets(t, ben), ana.Meets(t, cid)}
	second := map[string]string{}
	for _, them := range []*apptest.Person{ben, cid} {
		id := map[*apptest.Person]string{ben: eyes.with, cid: eyes.beside}[them]
		them.Put("/messages/"+them.Get("/conversations/"+id).Text("conversation.last_message.id")+"/read", nil).Want(t, 200)
		second[id] = ana.Says(t, id, "Unread before the block")
	}
	block(t, ben, ana)
	ben.Put("/messages/"+second[eyes.with]+"/read", nil).Want(t, 200)
	if own := ben.Get("/conversations/"+eyes.with).Want(t, 200); own.Number("conversation.unread_count") != 0 {
		t.Errorf("the blocker's own count stays: %s", own.Raw)
	}
	eyes.everythingIsAlike()
	if seen := ana.Get("/collections/messages/records/"+second[eyes.with]).Want(t, 200); seen.Text("status") != "sent" || seen.Text("read_at") != "" {
		t.Errorf("the blocked one sees what the blocker reads: %s", seen.Raw)
	}

	unblock(t, ben)
	eyes.everythingIsAlike()
	third := ana.Says(t, eyes.with, "After the unblock")
	ben.Put("/messages/"+third+"/read", nil).Want(t, 200)
	for _, message := range []string{second[eyes.with], third} {
		if seen := ana.Get("/collections/messages/records/"+message).Want(t, 200); seen.Text("status") != "read" {
			t.Errorf("receipts do not go on after the unblock: %s", seen.Raw)
		}
	}
}

func TestWhatTheBlockedReadsIsNoNewsForTheBlocker(t *testing.T) {
	w := collective(t)
	ana, ben := w.Member("Ana"), w.Member("Ben")
	id := ana.Meets(t, ben)
	message := ben.Says(t, id, "Read me")
	ben.Put("/messages/"+message+"/read", nil).Want(t, 200) // so that looking at it later delivers nothing new
	block(t, ben, ana)
	places := func() string { return ben.Get("/collections/conversation_participants/records").Want(t, 200).Raw }
	before, rows := inbox(t, ben), places()
	ana.Put("/messages/"+message+"/read", nil).Want(t, 200)
	if inbox(t, ben) != before || places() != rows {
		t.Errorf("the blocker hears what the blocked one reads:\n%s\n%s", rows, places())
	}
	if own := ana.Get("/conversations/"+id).Want(t, 200); own.Number("conversation.unread_count") != 0 {
		t.Errorf("the blocked one's own count stays: %s", own.Raw)
	}
}

func TestADeletionReachesTheBlocker(t *testing.T) {
	t.Parallel()
	_, ana, ben, conversation := apptest.Talk(t)
	id := ana.Says(t, conversation, "Before the block")
	ben.Post("/conversations/"+conversation+"/block", nil).Want(t, 200)
	ana.Patch(record+id, apptest.JSON{"content": "Edited"}).Want(t, 200)
	ana.Delete(record+id).Want(t, 204)
	if seen := ben.Get(record+id).Want(t, 200); seen.Text("content") != "" || seen.Text("deleted_at") == "" {
		t.Errorf("the blocker sees %s", seen.Raw)
	}
}

func TestAnEditBehindABlockIsNoChangeForTheBlocker(t *testing.T) {
	t.Parallel()
	_, ana, ben, conversation := apptest.Talk(t)
	id := ana.Says(t, conversation, "As it was")
	ben.Post("/conversations/"+conversation+"/block", nil).Want(t, 200)
	before := views(ben, conversation, id)
	ana.Patch(record+id, apptest.JSON{"content": "Changed"}).Want(t, 200)
	for where, seen := range views(ben, conversation, id) {
		if seen.Raw != before[where].Raw {
			t.Errorf("%s the blocker sees\n%s\nbefore\n%s", where, seen.Raw, before[where].Raw)
		}
	}
	ben.Delete("/conversations/"+conversation+"/block").Want(t, 200)
	if seen := ben.Get(record + id); seen.Text("content") != "As it was" || seen.Text("edited_at") != "" {
		t.Errorf("after the unblock: %s", seen.Raw)
	}
	ana.Patch(record+id, apptest.JSON{"content": "Changed again"}).Want(t, 200)
	if seen := ben.Get(record + id); seen.Text("content") != "Changed again" || seen.Text("edited_at") == "" {
		t.Errorf("edited again: %s", seen.Raw)
	}
}
