package rules_test

import (
	"strings"
	"testing"

	"carecollective/internal/apptest"
	"carecollective/server"
)

func TestAnImpersonatedMembersSealedValuesStaySealed(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{Unlock: []string{server.DoorImpersonate}})
	ana, ben := w.Member("Ana"), w.Member("Ben")
	ana.Patch("/collections/users/records/"+ana.ID, apptest.JSON{"phone": "+49 30 5550100"}).Want(t, 200)
	conversation := ana.Meets(t, ben)
	id := ana.Says(t, conversation, "Between us")
	token := w.Superuser().Post("/collections/users/impersonate/"+ana.ID, apptest.JSON{"duration": 600}).Want(t, 200).Text("token")
	operator := &apptest.Person{ID: ana.ID, Token: token, World: w}
	for _, path := range []string{
		record + id, "/collections/messages/records", "/conversations", "/conversations/" + conversation, "/conversations/" + conversation + "/messages",
		"/collections/users/records/" + ana.ID,
	} {
		if seen := operator.Get(path); strings.Contains(seen.Raw, "Between us") || strings.Contains(seen.Raw, "5550100") {
			t.Errorf("%s: %s", path, seen.Raw)
		}
	}
}

func TestASuspendedMemberReadsAndTidiesAndWritesNothingThatOthersSee(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.Stands(h.ana, apptest.JSON{"restriction_level": "suspended"})
	own := path("users") + "/" + h.ana.ID
	for name, answer := range map[string]apptest.Answer{
		"reads":             h.ana.Get("/conversations/" + h.conversation + "/messages"),
		"marks as read":     h.ana.Put("/messages/"+h.rows["messages"]+"/read", nil),
		"archives":          h.ana.Patch(path("conversation_participants")+"/"+h.rows["conversation_participants"], apptest.JSON{"archived": true}),
		"blocks":            h.ana.Post(path("user_blocks"), apptest.JSON{"blocked": h.moderator.ID}),
		"sets preferences":  h.ana.Put("/messaging/preferences", apptest.JSON{"read_receipts": false}),
		"adds a device":     h.ana.Post(path("push_subscriptions"), device("two")),
		"sets a language":   h.ana.Patch(own, apptest.JSON{"language": "de"}),
		"sees the standing": h.ana.Get("/messaging/standing"),
	} {
		if answer.Status != 200 {
			t.Errorf("a suspended member %s: answered %d %s", name, answer.Status, answer.Raw)
		}
	}
	h.ana.Delete(record+h.rows["messages"]).Want(t, 204)
	for name, answer := range map[string]apptest.Answer{
		"a name":         h.ana.Patch(own, apptest.JSON{"name": "Somebody"}),
		"a bio":          h.ana.Patch(own, apptest.JSON{"bio": "Read this"}),
		"a location":     h.ana.Patch(own, apptest.JSON{"location": "Read this"}),
		"a help request": h.ana.Post(helpRequests, apptest.JSON{"title": "x"}),
		"a change of it": h.ana.Patch(helpRequests+"/"+h.rows["help_requests"], apptest.JSON{"status": "closed"}),
		"a message":      h.ana.Post("/conversations/"+h.conversation+"/messages", apptest.JSON{"content": "x"}),
		"a conversation": start(h.ana, h.moderator.ID),
		"typing":         h.ana.Post("/conversations/"+h.conversation+"/typing", apptest.JSON{"is_typing": true}),
		"a contact":      h.ana.Post("/conversations/"+h.conversation+"/contact", apptest.JSON{"type": "email"}),
	} {
		if answer.Status != 403 || answer.Text("data.policy.code") != "account_suspended" {
			t.Errorf("%s by a suspended member: answered %d %s", name, answer.Status, answer.Raw)
		}
	}
}

func TestRoutesAreForMembers(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, call := range []struct{ method, path string }{
		{"GET", "/conversations"},
		{"POST", "/conversations"},
		{"GET", "/conversations/" + h.conversation},
		{"GET", "/conversations/" + h.conversation + "/messages"},
		{"POST", "/conversations/" + h.conversation + "/messages"},
		{"POST", "/conversations/" + h.conversation + "/accept"},
		{"POST", "/conversations/" + h.conversation + "/decline"},
		{"POST", "/conversations/" + h.conversation + "/leave"},
		{"POST", "/conversations/" + h.conversation + "/close"},
		{"POST", "/conversations/" + h.conversation + "/block"},
		{"DELETE", "/conversations/" + h.conversation + "/block"},
		{"POST", "/conversations/" + h.conversation + "/typing"},
		{"POST", "/conversations/" + h.conversation + "/contact"},
		{"POST", "/contacts/" + h.rows["contact_exchanges"] + "/accept"},
		{"POST", "/contacts/" + h.rows["contact_exchanges"] + "/withdraw"},
		{"PUT", "/messages/" + h.rows["messages"] + "/read"},
		{"GET", "/messages/" + h.rows["messages"] + "/attachments/picture.jpg"},
		{"GET", "/messages/search?q=x"},
		{"GET", "/messaging/preferences"},
		{"PUT", "/messaging/preferences"},
		{"GET", "/messaging/permissions?recipient_id=" + h.ana.ID},
		{"GET", "/messaging/standing"},
		{"GET", "/conversations/" + h.conversation + "/retention"},
		{"POST", "/conversations/" + h.conversation + "/retention"},
		{"POST", "/me/export"},
		{"GET", "/me/export/" + h.conversation},
		{"GET", "/me/export/" + h.conversation + "/download"},
		{"GET", "/me/erase"},
		{"POST", "/me/erase"},
		{"DELETE", "/me/erase"},
		{"GET", "/push/key"},
		{"GET", "/push/subscriptions"},
		{"POST", "/push/subscriptions"},
		{"DELETE", "/push/subscriptions/" + h.rows["push_subscriptions"]},
		{"POST", "/push/test"},
		{"POST", "/notifications/read"},
		{"POST", "/conversations/" + h.conversation + "/mute"},
		{"DELETE", "/conversations/" + h.conversation + "/mute"},
	} {
		if answer := h.guest.Do(call.method, call.path, apptest.JSON{}); answer.Status != 401 {
			t.Errorf("%s %s by a guest: answered %d", call.method, call.path, answer.Status)
		}
		if answer := h.superuser.Do(call.method, call.path, apptest.JSON{}); answer.Status != 403 {
			t.Errorf("%s %s by a superuser: answered %d", call.method, call.path, answer.Status)
		}
	}
}
