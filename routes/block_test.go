package routes_test

import (
	"strconv"
	"testing"

	"carecollective/internal/apptest"
)

// blocked is Ana, who deals with Ben, who blocks her, and with Cid, who simply does not read; both are alike before.
func blocked(t *testing.T, prepare func(them, ana *apptest.Person) string) pair {
	t.Helper()
	w := collective(t)
	ana, ben, cid := w.Member("Ana"), w.Member("Ben"), w.Member("Cid")
	eyes := pair{t, ana, ben, cid, prepare(ben, ana), prepare(cid, ana)}
	block(t, ben, ana)
	return eyes
}

func talking(t *testing.T) func(them, ana *apptest.Person) string {
	return func(them, ana *apptest.Person) string { return ana.Meets(t, them) }
}

// inbox is what someone's list says of all conversations, and their records and those of the messages.
func inbox(t *testing.T, who *apptest.Person) string {
	t.Helper()
	return who.Get("/conversations").Want(t, 200).Raw +
		who.Get("/collections/conversations/records?sort=id").Want(t, 200).Raw +
		who.Get("/collections/messages/records?sort=conversation,seq").Want(t, 200).Raw +
		who.Get("/collections/notifications/records").Want(t, 200).Raw
}

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
