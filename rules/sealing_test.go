package rules_test

import (
	"testing"

	"carecollective/collections"
	"carecollective/internal/apptest"
)

// swap exchanges a column between two rows, as someone with the file in hand could.
func swap(t *testing.T, w *apptest.World, table, column, a, b string) {
	t.Helper()
	first, second := w.Row(table, a).GetString(column), w.Row(table, b).GetString(column)
	set(t, w, "UPDATE "+table+" SET "+column+" = {:value} WHERE id = {:id}", a, second)
	set(t, w, "UPDATE "+table+" SET "+column+" = {:value} WHERE id = {:id}", b, first)
}

func TestATextThatWasMovedOrSpoiltIsUnreadableAndBreaksNothing(t *testing.T) {
	t.Parallel()
	w, ana, ben, conversation := apptest.Talk(t)
	one, two := ana.Says(t, conversation, "One"), ana.Says(t, conversation, "Two")
	spoilt := ana.Says(t, conversation, "Three")
	credited := ana.Says(t, conversation, "Four")
	whole := ana.Says(t, conversation, "Five")
	swap(t, w, collections.Messages, "content_sealed", one, two)
	set(t, w, "UPDATE messages SET content_sealed = {:value} WHERE id = {:id}", spoilt, "nonsense")
	set(t, w, "UPDATE messages SET sender = {:value} WHERE id = {:id}", credited, ben.ID)
	for _, id := range []string{one, two, spoilt, credited} {
		if seen := ben.Get(record+id).Want(t, 200); seen.Text("content") != "[unreadable]" {
			t.Errorf("shown as %q", seen.Text("content"))
		}
	}
	page := ben.Get("/conversations/"+conversation+"/messages").Want(t, 200)
	if len(page.List("messages")) != 6 || page.Text("messages.5.content") != "Five" || page.Text("messages.0.content") != "Hello" {
		t.Errorf("the page: %s", page.Raw)
	}
	if listed := ben.Get("/collections/messages/records").Want(t, 200); len(listed.List("items")) != 6 {
		t.Errorf("the list: %s", listed.Raw)
	}
	set(t, w, "UPDATE messages SET content_sealed = {:value} WHERE id = {:id}", whole, "nonsense")
	if inbox := ben.Get("/conversations").Want(t, 200); inbox.Text("conversations.0.last_message.content") != "[unreadable]" {
		t.Errorf("the inbox: %s", inbox.Raw)
	}
	if edited := ana.Patch(record+whole, apptest.JSON{"content": "Five again"}); edited.Status >= 500 || (edited.Status == 200 && edited.Text("content") != "Five again") {
		t.Errorf("an edit: answered %d %s", edited.Status, edited.Raw)
	}
	ana.Delete(record+spoilt).Want(t, 204)
	ana.Post("/conversations/"+conversation+"/messages", apptest.JSON{"content": "Three", "id": two}).Want(t, 200)
}

func TestOtherSealedValuesThatWereMovedAreUnreadable(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.ben.Patch("/collections/users/records/"+h.ben.ID, apptest.JSON{"phone": "+49 30 5550111"}).Want(t, 200)
	swap(t, h.World, collections.Users, "phone_sealed", h.ana.ID, h.ben.ID)
	if own := h.ana.Get("/collections/users/records/"+h.ana.ID).Want(t, 200); own.Text("phone") != "[unreadable]" {
		t.Errorf("the phone is %s", own.Raw)
	}
	set(t, h.World, "UPDATE contact_exchanges SET value_sealed = {:value} WHERE id = {:id}", h.rows[collections.Contacts], "x")
	if seen := h.ben.Get(path(collections.Contacts)).Want(t, 200); seen.Text("items.0.value") != "[unreadable]" {
		t.Errorf("the exchange is %s", seen.Raw)
	}
	set(t, h.World, "UPDATE push_subscriptions SET endpoint_sealed = {:value} WHERE id = {:id}", h.rows[collections.PushSubscriptions], "x")
	if seen := h.ana.Get(path(collections.PushSubscriptions)).Want(t, 200); seen.Text("items.0.endpoint") != "[unreadable]" || seen.Text("items.0.auth") != device("")["auth"] {
		t.Errorf("the device is %s", seen.Raw)
	}
	group := h.ana.Post("/conversations", apptest.JSON{"participant_ids": []string{h.ben.ID}, "title": "Garden", "initial_message": "Hello"}).Want(t, 201).Text("conversation.id")
	set(t, h.World, "UPDATE conversations SET title_sealed = {:value} WHERE id = {:id}", group, "x")
	if seen := h.ana.Get("/conversations/"+group).Want(t, 200); seen.Text("conversation.title") != "[unreadable]" {
		t.Errorf("the title is %s", seen.Raw)
	}
}

func TestASealedColumnGivesAwayNoLength(t *testing.T) {
	t.Parallel()
	w, ana, _, conversation := apptest.Talk(t)
	short, long := ana.Says(t, conversation, "No"), ana.Says(t, conversation, "Yes, of course, with great pleasure")
	a, b := w.Row(collections.Messages, short).GetString("content_sealed"), w.Row(collections.Messages, long).GetString("content_sealed")
	if len(a) != len(b) || a == b {
		t.Errorf("lengths %d and %d", len(a), len(b))
	}
}

func TestAPhoneIsItsOwnersToSetAndTakeAway(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	own := "/collections/users/records/" + h.ana.ID
	for _, number := range []string{"0171 555-0147", "+1 (555) 010-0199", "112", ""} {
		if changed := h.ana.Patch(own, apptest.JSON{"phone": number}).Want(t, 200); changed.Text("phone") != number {
			t.Errorf("%q is answered as %s", number, changed.Raw)
		}
	}
	if h.Row(collections.Users, h.ana.ID).GetString("phone_sealed") != "" {
		t.Error("a phone number that was taken away stays")
	}
	for name, value := range map[string]any{"words": "call me", "a number": 112, "a list": []string{"112"}, "too long": "123456789012345678901", "true": true} {
		if refused := h.ana.Patch(own, apptest.JSON{"phone": value}); refused.Status != 400 || refused.At("data.phone") == nil {
			t.Errorf("%s: answered %d %s", name, refused.Status, refused.Raw)
		}
	}
}
