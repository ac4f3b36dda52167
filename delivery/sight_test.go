package delivery_test

import (
	"slices"
	"testing"
	"time"

	"carecollective/delivery"
	"carecollective/internal/apptest"
)

// The lists of what is heard name the topic and the action, in order. What changes one's own place in a conversation
// (conversation_participants) and one's own list (conversations) comes before the message that changes it.

func TestWhoIsAskedHearsOfTheRequestAndItsFirstMessageAlone(t *testing.T) {
	t.Parallel()
	w := world(t)
	ana, ben, cleo := w.Member("Ana"), w.Member("Ben"), w.Member("Cleo")
	w.Prefers(ben, apptest.JSON{"can_receive_from": "anyone"})
	hers, his, theirs := listens(t, ana), listens(t, ben), listens(t, cleo)
	id := invite(t, ana, ben)
	his.wants("conversations create", "conversation_participants create", "conversation_participants create", "messages create")
	hers.wants("conversations create", "conversation_participants create", "conversation_participants create", "messages create")
	first := ana.Says(t, id, "more")
	ana.Patch("/collections/messages/records/"+first, apptest.JSON{"content": "yet more"}).Want(t, 200)
	ana.Delete("/collections/messages/records/"+first).Want(t, 204)
	ana.Post("/conversations/"+id+"/typing", apptest.JSON{"is_typing": true}).Want(t, 204)
	his.wants()
	theirs.wants()
}

func TestNothingComesBackFromWhoHasNotAccepted(t *testing.T) {
	t.Parallel()
	w := world(t)
	ana, ben := w.Member("Ana"), w.Member("Ben")
	hers, his := listens(t, ana), listens(t, ben)
	id := ana.Asks(t, ben, "May I?")
	hers.heard()
	his.heard()
	page := ben.Get("/conversations/"+id+"/messages").Want(t, 200)
	ben.Put("/messages/"+page.Text("messages.0.id")+"/read", nil).Want(t, 200)
	ben.Post("/conversations/"+id+"/typing", apptest.JSON{"is_typing": true}).Want(t, 204)
	receipts(w)
	hers.wants()
	ben.Post("/conversations/"+id+"/decline", nil).Want(t, 200)
	hers.wants()
	if heard := his.heard(); !slices.Contains(heard, "conversations delete") {
		t.Errorf("who declines hears %q", heard)
	}
	if status := ana.Get("/conversations/"+id+"/messages").Want(t, 200).Text("messages.0.status"); status != "sent" {
		t.Errorf("the request is %s", status)
	}
}

func TestWhatWasFetchedWhilePendingIsDeliveredOnceItIsFetchedAccepted(t *testing.T) {
	t.Parallel()
	w := world(t)
	ana, ben := w.Member("Ana"), w.Member("Ben")
	id := ana.Asks(t, ben, "May I?")
	ben.Get("/conversations/"+id+"/messages").Want(t, 200)
	receipts(w)
	ben.Post("/conversations/"+id+"/accept", nil).Want(t, 200)
	hers := listens(t, ana)
	ben.Get("/conversations/"+id+"/messages").Want(t, 200)
	receipts(w)
	hers.wants("messages update", "conversation_participants update")
}

// scene is what two who talk do while one has blocked the other, or simply does not read.
func scene(t *testing.T, ana *apptest.Person, id, old string) {
	t.Helper()
	fresh := ana.Says(t, id, "are you there?")
	ana.Patch("/collections/messages/records/"+fresh, apptest.JSON{"content": "hello?"}).Want(t, 200)
	ana.Patch("/collections/messages/records/"+old, apptest.JSON{"content": "changed"}).Want(t, 200)
	ana.Post("/conversations/"+id+"/typing", apptest.JSON{"is_typing": true}).Want(t, 204)
	ana.Post("/conversations/"+id+"/typing", apptest.JSON{"is_typing": false}).Want(t, 204)
	ana.Delete("/collections/messages/records/"+fresh).Want(t, 204)
}

func TestABlockIsSilent(t *testing.T) {
	t.Parallel()
	w := world(t)
	ana, ben, cleo := w.Member("Ana"), w.Member("Ben"), w.Member("Cleo")
	withBen, withCleo := ana.Meets(t, ben), ana.Meets(t, cleo)
	toBen, toCleo := ana.Says(t, withBen, "old"), ana.Says(t, withCleo, "old")
	from := ben.Says(t, withBen, "mine")
	ben.Post("/collections/user_blocks/records", apptest.JSON{"blocked": ana.ID}).Want(t, 200)
	hers, his := listens(t, ana, "typing/"+withBen, "typing/"+withCleo), listens(t, ben, "typing/"+withBen)

	scene(t, ana, withCleo, toCleo) // who is not there
	silent := hers.heard()          // her own messages, and their changes
	scene(t, ana, withBen, toBen)
	if blocked := hers.heard(); len(silent) < 6 || !slices.Equal(blocked, silent) {
		t.Errorf("the blocked one hears %q, of who does not read %q", blocked, silent)
	}
	his.wants()

	page := ben.Get("/conversations/"+withBen+"/messages").Want(t, 200)
	ben.Put("/messages/"+page.Text("messages.1.id")+"/read", nil).Want(t, 200)
	ben.Post("/conversations/"+withBen+"/typing", apptest.JSON{"is_typing": true})
	receipts(w)
	hers.wants()
	his.heard()
	ana.Put("/messages/"+from+"/read", nil).Want(t, 200)
	receipts(w)
	his.wants()
	hers.wants("conversation_participants update", "notifications update") // her own place, and what told her of the message
	ana.Delete("/collections/messages/records/"+toBen).Want(t, 204)
	his.wants("messages update", "conversation_participants update")
}

func TestInAGroupABlockerHearsTombstones(t *testing.T) {
	t.Parallel()
	w := world(t)
	ana, ben, cleo := w.Member("Ana"), w.Member("Ben"), w.Member("Cleo")
	id := group(t, ana, ben, cleo)
	ben.Post("/collections/user_blocks/records", apptest.JSON{"blocked": cleo.ID}).Want(t, 200)
	his := listens(t, ben, "typing/"+id)
	cleo.Post("/conversations/"+id+"/typing", apptest.JSON{"is_typing": true}).Want(t, 204)
	cleo.Says(t, id, "for Ana")
	for _, e := range his.events() {
		if e.Name != "messages/*" || e.Text("record.content") != "" || e.Text("record.sender") != cleo.ID {
			t.Errorf("the blocker hears %s %s", e.Name, e.Raw)
		}
	}
}

func TestAMessageThatIsHeldIsItsSendersAlone(t *testing.T) {
	t.Parallel()
	w := world(t)
	ana, ben := w.Member("Ana"), w.Member("Ben")
	id := ana.Meets(t, ben)
	w.Stands(ana, apptest.JSON{"requires_pre_approval": true})
	hers, his := ana.Listen("messages/*"), listens(t, ben)
	ana.Says(t, id, "held")
	if e := hers.Want("messages/*"); apptest.At(map[string]any(e.Data), "record.seq") != 0.0 || e.Text("record.moderation_status") != "pending" {
		t.Errorf("the sender hears %s", e.Raw)
	}
	his.wants()
}

func TestAnEditAndADeletionReachWhoeverSawTheMessage(t *testing.T) {
	t.Parallel()
	w := world(t)
	ana, ben := w.Member("Ana"), w.Member("Ben")
	id := ana.Meets(t, ben)
	message := ana.Says(t, id, "hello")
	his := listens(t, ben)
	ana.Patch("/collections/messages/records/"+message, apptest.JSON{"content": "good day"}).Want(t, 200)
	if e := his.events(); len(e) != 1 || e[0].Text("action") != "update" || e[0].Text("record.content") != "good day" {
		t.Errorf("of the edit is heard %v", e)
	}
	ana.Delete("/collections/messages/records/"+message).Want(t, 204)
	e := his.events()
	if len(e) != 2 || e[0].Text("action") != "update" || e[0].Text("record.content") != "" || e[0].Text("record.deleted_at") == "" {
		t.Errorf("of the deletion is heard %v", e)
	}
}

func TestWhoHasLeftHearsNothingMore(t *testing.T) {
	t.Parallel()
	w := world(t)
	ana, ben, cleo := w.Member("Ana"), w.Member("Ben"), w.Member("Cleo")
	id := group(t, ana, ben, cleo)
	his, hers := listens(t, ben), listens(t, cleo)
	ben.Post("/conversations/"+id+"/leave", nil).Want(t, 200)
	his.wants("conversation_participants update", "conversations delete")
	if heard := hers.heard(); !slices.Contains(heard, "conversation_participants update") || !slices.Contains(heard, "messages create") {
		t.Errorf("the others hear %q", heard)
	}
	ana.Says(t, id, "without Ben")
	ana.Post("/conversations/"+id+"/typing", apptest.JSON{"is_typing": true}).Want(t, 204)
	his.wants()
}

func TestTopicsOfOthersAreForbidden(t *testing.T) {
	t.Parallel()
	w := world(t)
	ana, ben, cleo := w.Member("Ana"), w.Member("Ben"), w.Member("Cleo")
	id := ana.Meets(t, ben)
	message := ana.Says(t, id, "hello")
	place := w.Place(id, ana).Id
	for _, topic := range []string{"conversations/" + id, "messages/" + message, "conversation_participants/" + place, "typing/" + id} {
		ana.Connect().Subscribe(ana, topic).Want(t, 204)
		cleo.Connect().Subscribe(cleo, topic).Want(t, 403)
		cleo.Connect().Subscribe(cleo, "messages/*", topic+`?options={"query":{"fields":"id"}}`).Want(t, 403)
	}
	cleo.Connect().Subscribe(cleo, "PB_CONNECT").Want(t, 204) // as the SDK asks for it
	for _, topic := range []string{
		"messages/none", "Messages/*", "messages/*/*", "typing", "typing/", "typing/*", "user_blocks/*", "contact_exchanges/*",
		"messaging_preferences/*", "_superusers/*", "resync/x", "PB_CONNECT/x", "*", "/",
	} {
		cleo.Connect().Subscribe(cleo, topic).Want(t, 403)
	}
}

func TestTypingEndsByItself(t *testing.T) {
	t.Parallel()
	w := world(t)
	ana, ben := w.Member("Ana"), w.Member("Ben")
	id := ana.Meets(t, ben)
	his := ben.Listen(`typing/` + id + `?options={"headers":{"x":"y"}}`)
	ana.Post("/conversations/"+id+"/typing", apptest.JSON{"is_typing": true}).Want(t, 204)
	for _, want := range []bool{true, false} {
		e, _ := his.Next()
		if e.Text("user") != ana.ID || e.Data["is_typing"] != want {
			t.Fatalf("heard %s, want %v", e.Raw, want)
		}
		delivery.Sweep(w.Live, time.Now().Add(delivery.TypingFor+time.Second))
	}
	ana.Post("/conversations/"+id+"/typing", apptest.JSON{"is_typing": true}).Want(t, 204)
	his.Next()
	ben.Post("/collections/user_blocks/records", apptest.JSON{"blocked": ana.ID}).Want(t, 200)
	delivery.Sweep(w.Live, time.Now().Add(2*delivery.TypingFor))
	if len(his.Events) != 0 {
		t.Error("who has blocked the typist meanwhile hears that it is over")
	}
}
