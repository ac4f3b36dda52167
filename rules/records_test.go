package rules_test

import (
	"strings"
	"testing"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/internal/apptest"
	"carecollective/server"
)

// house is a world with a row in every collection, and someone in every role towards them.
type house struct {
	*apptest.World
	ana, ben, stranger, moderator, superuser, guest *apptest.Person
	conversation                                    string
	rows                                            map[string]string // by collection, the row that is Ana's
}

func newHouse(t *testing.T) *house {
	t.Helper()
	w := apptest.New(t, server.Config{})
	h := &house{
		World: w, ana: w.Member("Ana"), ben: w.Member("Ben"), stranger: w.Member("Cleo"), moderator: w.Moderator("Mona"),
		superuser: w.Superuser(), guest: w.Guest(), rows: map[string]string{},
	}
	h.ana.Patch("/collections/users/records/"+h.ana.ID, apptest.JSON{"phone": "+49 30 5550100", "bio": "Here for years"}).Want(t, 200)
	help := h.ana.Post("/collections/help_requests/records", apptest.JSON{"title": "A ladder"}).Want(t, 200).Text("id")
	started := h.ben.Post("/conversations", apptest.JSON{"recipient_id": h.ana.ID, "help_request_id": help, "initial_message": "I have one"}).Want(t, 201)
	h.conversation = started.Text("conversation.id")
	h.rows[collections.Users] = h.ana.ID
	h.rows[collections.HelpRequests] = help
	h.rows[collections.Conversations] = h.conversation
	h.rows[collections.Participants] = w.Place(h.conversation, h.ana).Id
	h.rows[collections.Messages] = h.ana.Says(t, h.conversation, "Thank you")
	h.rows[collections.Preferences] = h.ana.Get("/messaging/preferences").Text("preferences.id")
	asked := h.ben.Post("/conversations/"+h.conversation+"/contact", apptest.JSON{"type": "phone"}).Want(t, 201).Text("contact.id")
	h.ana.Post("/contacts/"+asked+"/accept", nil).Want(t, 200)
	h.rows[collections.Contacts] = asked
	h.rows[collections.Blocks] = h.ana.Post("/collections/user_blocks/records", apptest.JSON{"blocked": h.stranger.ID}).Want(t, 200).Text("id")
	h.rows[collections.PushSubscriptions] = h.ana.Post("/collections/push_subscriptions/records", device("one")).Want(t, 200).Text("id")
	h.rows[collections.Notifications] = h.insert(t, collections.Notifications, apptest.JSON{
		"user": h.ana.ID, "type": "message", "title": "News", "conversation": h.conversation, "message": h.rows[collections.Messages],
	})
	h.rows[collections.Reports] = h.insert(t, collections.Reports, apptest.JSON{
		"subject_type": "user", "subject": h.ben.ID, "reported": h.ben.ID, "reported_by": h.ana.ID, "reason": "spam", "status": "pending",
	})
	h.rows[collections.Appeals] = h.insert(t, collections.Appeals, apptest.JSON{"user": h.ana.ID, "status": "pending"})
	h.rows[collections.Standings] = h.find(t, collections.Standings, h.ana.ID)
	h.rows[collections.AuditLog] = h.find(t, collections.AuditLog, h.ana.ID)
	h.rows[collections.Settings] = collections.SettingsID
	h.rows[collections.Invitations] = h.insert(t, collections.Invitations, apptest.JSON{"code_hash": "x"})
	return h
}

func device(name string) apptest.JSON {
	return apptest.JSON{
		"endpoint": "https://fcm.googleapis.com/fcm/send/" + name,
		"p256dh":   "BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM",
		"auth":     "tBHItJI5svbpez7KI4CCXg",
	}
}

// insert stores a row as the server itself would.
func (h *house) insert(t *testing.T, collection string, fields apptest.JSON) string {
	t.Helper()
	found, err := h.App.FindCachedCollectionByNameOrId(collection)
	if err != nil {
		t.Fatal(err)
	}
	row := core.NewRecord(found)
	row.Load(fields)
	if err := h.App.SaveNoValidate(row); err != nil {
		t.Fatal(err)
	}
	return row.Id
}

func (h *house) find(t *testing.T, collection, user string) string {
	t.Helper()
	row, err := h.App.FindFirstRecordByData(collection, "user", user)
	if err != nil {
		t.Fatal(err)
	}
	return row.Id
}

func (h *house) people() map[string]*apptest.Person {
	return map[string]*apptest.Person{
		"owner": h.ana, "other": h.ben, "stranger": h.stranger, "moderator": h.moderator, "superuser": h.superuser, "guest": h.guest,
	}
}

func path(collection string) string { return "/collections/" + collection + "/records" }

// TestWhoMayDoWhatWithWhichRecord is the table of the records API: what each role is answered for a row of Ana's. The
// columns are list (how many rows, or the status), view, update and delete.
func TestWhoMayDoWhatWithWhichRecord(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	type answers struct{ list, view, update int }
	const none = -1 // a list of 200 without the row
	closed := map[string]answers{
		"owner": {403, 403, 403}, "other": {403, 403, 403}, "stranger": {403, 403, 403}, "moderator": {403, 403, 403},
	}
	ownOnly := func(update int) map[string]answers {
		others := 404
		if update == 403 {
			others = 403
		}
		return map[string]answers{
			"owner": {200, 200, update}, "other": {none, 404, others}, "stranger": {none, 404, others}, "moderator": {none, 404, others},
		}
	}
	for collection, table := range map[string]map[string]answers{
		collections.Users: {
			"owner": {403, 200, 200}, "other": {403, 200, 404}, "stranger": {403, 200, 404}, "moderator": {403, 200, 404}, "guest": {403, 403, 403},
		},
		collections.HelpRequests: {
			"owner": {200, 200, 200}, "other": {200, 200, 404}, "stranger": {none, 404, 404}, "moderator": {200, 200, 404},
		},
		collections.Conversations: {
			"owner": {200, 200, 403}, "other": {200, 200, 403}, "stranger": {none, 404, 403}, "moderator": {none, 404, 403},
		},
		collections.Participants: {
			"owner": {200, 200, 200}, "other": {200, 200, 404}, "stranger": {none, 404, 404}, "moderator": {none, 404, 404},
		},
		collections.Messages: {
			"owner": {200, 200, 200}, "other": {200, 200, 404}, "stranger": {none, 404, 404}, "moderator": {none, 404, 404},
		},
		collections.Contacts: {
			"owner": {200, 200, 403}, "other": {200, 200, 403}, "stranger": {none, 404, 403}, "moderator": {none, 404, 403},
		},
		collections.Preferences:       ownOnly(200),
		collections.Blocks:            ownOnly(403),
		collections.Notifications:     ownOnly(200),
		collections.PushSubscriptions: ownOnly(403),
		collections.Reports:           ownOnly(403),
		collections.Appeals:           ownOnly(403),
		collections.Standings:         closed,
		collections.AuditLog:          closed,
		collections.Settings:          closed,
		collections.Invitations:       closed,
	} {
		for role, want := range table {
			p := h.people()[role]
			listed := p.Get(path(collection) + "?perPage=500")
			got := answers{list: listed.Status}
			if listed.Status == 200 && !strings.Contains(listed.Raw, h.rows[collection]) {
				got.list = none
			}
			got.view = p.Get(path(collection) + "/" + h.rows[collection]).Status
			got.update = p.Patch(path(collection)+"/"+h.rows[collection], apptest.JSON{}).Status
			if got != want {
				t.Errorf("%s by the %s: {list view update} are %v, want %v", collection, role, got, want)
			}
		}
	}
}

func TestGuestsReadAndWriteNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, collection := range collections.All() {
		if listed := h.guest.Get(path(collection)); listed.Status != 403 {
			t.Errorf("a guest lists %s: %s", collection, listed.Raw)
		}
		row := path(collection) + "/" + h.rows[collection]
		for what, answer := range map[string]apptest.Answer{
			"views": h.guest.Get(row), "updates": h.guest.Patch(row, apptest.JSON{"title": "x", "name": "x", "content": "x"}), "deletes": h.guest.Delete(row),
		} {
			if answer.Status != 403 && h.rows[collection] != "" {
				t.Errorf("a guest %s %s: answered %d %s", what, collection, answer.Status, answer.Raw)
			}
		}
		if collection == collections.Users {
			continue // registering
		}
		created := h.guest.Post(path(collection), apptest.JSON{"title": "x", "user": h.ana.ID, "blocker": h.ana.ID, "blocked": h.ben.ID, "conversation": h.conversation, "content": "x", "endpoint": "x", "p256dh": "x", "auth": "x"})
		if created.Status < 400 || created.Status > 403 {
			t.Errorf("a guest creates in %s: answered %d %s", collection, created.Status, created.Raw)
		}
	}
}

func TestWhatMembersCannotCreateOrDelete(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, collection := range []string{
		collections.Conversations, collections.Participants, collections.Preferences, collections.Contacts, collections.Notifications,
		collections.Reports, collections.Appeals, collections.Standings, collections.AuditLog, collections.Settings, collections.Invitations,
	} {
		for role, p := range h.people() {
			if role == "superuser" {
				continue
			}
			created := p.Post(path(collection), apptest.JSON{"user": p.ID, "conversation": h.conversation, "kind": "direct", "consent": "accepted"})
			deleted := p.Delete(path(collection) + "/" + h.rows[collection])
			if created.Status != 403 || deleted.Status != 403 {
				t.Errorf("%s by the %s: create %d, delete %d", collection, role, created.Status, deleted.Status)
			}
		}
	}
	for role, p := range h.people() {
		if deleted := p.Delete(path(collections.Users) + "/" + h.ana.ID); role != "superuser" && deleted.Status != 403 {
			t.Errorf("the %s deletes an account: %d", role, deleted.Status)
		}
	}
	for _, collection := range []string{collections.HelpRequests, collections.Blocks, collections.PushSubscriptions, collections.Messages} {
		for _, p := range []*apptest.Person{h.ben, h.stranger, h.moderator} {
			p.Delete(path(collection)+"/"+h.rows[collection]).Want(t, 404)
		}
		h.ana.Delete(path(collection)+"/"+h.rows[collection]).Want(t, 204)
	}
}

func TestASuperuserLeavesTheMembersRowsAlone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, collection := range []string{collections.Messages, collections.Blocks, collections.PushSubscriptions} {
		refused := h.superuser.Post(path(collection), apptest.JSON{"conversation": h.conversation, "content": "x", "blocker": h.ana.ID, "blocked": h.ben.ID, "endpoint": "x", "p256dh": "x", "auth": "x"})
		if refused.Status != 403 {
			t.Errorf("a superuser creates in %s: answered %d %s", collection, refused.Status, refused.Raw)
		}
	}
	viewed := h.superuser.Get(path(collections.Messages)+"/"+h.rows[collections.Messages]).Want(t, 200)
	if viewed.At("content") != nil {
		t.Errorf("a superuser reads %s", viewed.Raw)
	}
	h.superuser.Patch(path(collections.Settings)+"/"+collections.SettingsID, apptest.JSON{"group_members": 10}).Want(t, 200)
}

func TestNobodySetsTheirOwnStanding(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	row := path(collections.Users) + "/" + h.ana.ID
	h.ana.Patch(row, apptest.JSON{"name": "Anna", "role": "moderator", "verified": true, "emailVisibility": true, "created_at": "2020-01-01 00:00:00.000Z", "exempt_verification": true, "phone_sealed": "x"})
	if now := h.ben.Get(row).Want(t, 200); now.Text("role") == "moderator" || now.At("email") != nil {
		t.Errorf("now %s", now.Raw)
	}
	if now := h.Row(collections.Users, h.ana.ID); now.GetString("role") == "moderator" || strings.HasPrefix(now.GetString("created_at"), "2020") || now.GetString("phone_sealed") == "x" {
		t.Errorf("stored: %v", now.PublicExport())
	}
}
