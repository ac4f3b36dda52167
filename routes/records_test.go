package routes_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

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

// fieldsOf is a list of fields with those that PocketBase adds to every record.
func fieldsOf(fields string) []string {
	all := append(strings.Fields(fields), "id", "collectionId", "collectionName")
	slices.Sort(all)
	return all
}

// Fields of the contract's table.
const (
	preferenceNames = "user can_receive_from auto_accept_help_requests email_notifications push_notifications quiet_hours_start quiet_hours_end read_receipts typing_indicators report_threshold notify show_text let_through let_through_urgent created_at updated_at"
	placeNames      = "conversation user role consent joined_at left_at last_read_seq last_delivered_seq"
	memberNames     = "name avatar bio location language time_zone role created_at updated_at"
)

func TestARecordHasTheFieldsOfTheContract(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for collection, fields := range map[string]string{
		collections.Users:             memberNames + " phone email emailVisibility verified",
		collections.HelpRequests:      "user kind title description category urgency status location created_at updated_at",
		collections.Conversations:     "kind help_request created_by title status last_seq last_message_at created_at updated_at",
		collections.Participants:      placeNames + " unread_count muted_until archived",
		collections.Messages:          "conversation seq sender recipient help_request content message_type reply_to attachments status read_at edited_at moderation_status deleted_at created_at updated_at",
		collections.Preferences:       preferenceNames,
		collections.Blocks:            "blocker blocked created_at",
		collections.Contacts:          "conversation requester owner type status value created_at updated_at",
		collections.Notifications:     "user type title body conversation message count read_at created_at updated_at",
		collections.PushSubscriptions: "user endpoint p256dh auth user_agent last_success_at created_at",
	} {
		viewed := h.ana.Get(path(collection)+"/"+h.rows[collection]).Want(t, 200)
		t.Log(collection)
		wantNames(t, map[string]any(viewed.Body), fieldsOf(fields))
		if collection == collections.Users {
			continue
		}
		found := false
		for _, item := range h.ana.Get(path(collection)).Want(t, 200).List("items") {
			if apptest.At(item, "id") == h.rows[collection] {
				found = fmt.Sprint(item) == fmt.Sprint(map[string]any(viewed.Body))
			}
		}
		if !found {
			t.Errorf("%s is listed differently than it is viewed", collection)
		}
	}
	wantNames(t, map[string]any(h.ben.Get(path(collections.Users)+"/"+h.ana.ID).Want(t, 200).Body), fieldsOf(memberNames))
	wantNames(t, map[string]any(h.ben.Get(path(collections.Participants)+"/"+h.rows[collections.Participants]).Want(t, 200).Body), fieldsOf(placeNames))
	if shown := h.ben.Get(path(collections.Contacts) + "/" + h.rows[collections.Contacts]); shown.Text("value") != "+49 30 5550100" {
		t.Errorf("what was agreed on: %s", shown.Raw)
	}
	if shown := h.ana.Get(path(collections.Users) + "/" + h.ana.ID); shown.Text("phone") != "+49 30 5550100" || shown.Text("email") != "ana@example.org" {
		t.Errorf("one's own account: %s", shown.Raw)
	}
}

func TestModeratorsAloneSeeWhetherAMessageIsFlagged(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	mona, ben := w.Moderator("Mona"), w.Member("Ben")
	conversation := ben.Meets(t, mona)
	id := ben.Says(t, conversation, "Hello")
	w.Change(collections.Messages, id, apptest.JSON{"is_flagged": true, "flagged_reason": "spam"})
	if seen := mona.Get(record+id).Want(t, 200); seen.At("is_flagged") != true || seen.Text("flagged_reason") != "spam" {
		t.Errorf("a moderator sees %s", seen.Raw)
	}
	wantNames(t, map[string]any(ben.Get(record+id).Want(t, 200).Body), messageFields)
}

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

func TestFiltersSortsAndExpandsAreOnAList(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	allowed := map[string][]string{
		collections.Messages:      {"filter=conversation='" + h.conversation + "'", "filter=seq>0%26%26message_type='text'", "sort=-seq", "sort=created_at", "expand=conversation,sender,reply_to,help_request", "fields=id,content"},
		collections.Conversations: {"filter=kind='direct'", "sort=-created_at", "expand=help_request,created_by"},
		collections.Participants:  {"filter=conversation='" + h.conversation + "'", "filter=user='" + h.ana.ID + "'", "expand=user,conversation"},
		collections.HelpRequests:  {"filter=status='open'", "filter=title~'ladder'", "sort=-created_at", "expand=user"},
		collections.Blocks:        {"expand=blocked", "sort=created_at"},
		collections.Contacts:      {"expand=conversation,requester,owner", "filter=type='phone'"},
		collections.Notifications: {"expand=conversation,message", "sort=-created_at", "filter=read_at=''"},
	}
	for collection, queries := range allowed {
		for _, query := range queries {
			answer := h.ana.Get(path(collection) + "?" + strings.ReplaceAll(query, " ", "%20"))
			if answer.Status != 200 || len(answer.List("items")) == 0 {
				t.Errorf("%s?%s: answered %d %.200s", collection, query, answer.Status, answer.Raw)
			}
		}
	}
	refused := map[string][]string{
		collections.Messages: {
			"filter=content~'a'", "filter=status='read'", "filter=help_request!=''", "filter=edited_at!=''", "filter=read_at!=''", "filter=moderation_status=''",
			"filter=is_flagged=true", "filter=flagged_reason!=''", "filter=updated_at>'2020'", "filter=deleted_at!=''", "filter=private_to!=''", "filter=withheld_from!=''", "filter=content_sealed!=''",
			"filter=sender.name='Ana'", "filter=conversation.conversation_participants_via_conversation.user='x'", "filter=@collection.users.id!=''", "filter=@request.auth.id!=''",
			"sort=content", "sort=status", "sort=updated_at", "sort=@random", "sort=sender.name", "expand=recipient", "expand=sender.x", "expand=conversation.created_by", "expand=message_reports_via_message",
			"filter=seq:each>0", "filter=conversation.kind='direct'",
		},
		collections.Conversations: {"filter=status='active'", "filter=last_seq>0", "filter=last_message_at>'2020'", "filter=updated_at>'2020'", "filter=help_request!=''", "filter=title~'x'", "sort=-last_message_at", "sort=updated_at", "expand=conversation_participants_via_conversation", "expand=messages_via_conversation"},
		collections.Participants:  {"filter=consent='declined'", "filter=last_read_seq>0", "filter=left_at=''", "filter=archived=true", "filter=muted_until=''", "filter=unread_count>0", "sort=consent", "sort=last_read_seq", "filter=updated_at>'2020'", "filter=concealed=true", "expand=user.messaging_preferences_via_user"},
		collections.HelpRequests:  {"filter=user.email~'a'", "filter=user.name='Ana'", "expand=conversations_via_help_request", "filter=conversations_via_help_request.id!=''", "sort=user.name"},
		collections.Users:         {"filter=email~'a'", "sort=email", "filter=name~'a'"},
		collections.Contacts:      {"filter=status='agreed'", "filter=value!=''", "filter=private_to!=''"},
	}
	for collection, queries := range refused {
		for _, query := range queries {
			answer := h.ana.Get(path(collection) + "?" + strings.ReplaceAll(query, " ", "%20"))
			if want := 400; answer.Status != want && (collection != collections.Users || answer.Status != 403) {
				t.Errorf("%s?%s: answered %d %.200s", collection, query, answer.Status, answer.Raw)
			}
		}
	}
}

func TestAnExpandShowsWhatItsViewerMaySee(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	m := h.ben.Get(record+h.rows[collections.Messages]+"?expand=conversation,sender,help_request").Want(t, 200)
	wantNames(t, m.At("expand.sender"), fieldsOf(memberNames))
	wantNames(t, m.At("expand.conversation"), fieldsOf("kind help_request created_by title status last_seq last_message_at created_at updated_at"))
	if m.Text("expand.help_request.title") != "A ladder" {
		t.Errorf("the help request is not shown: %s", m.Raw)
	}
	contact := h.ben.Get(path(collections.Contacts)+"/"+h.rows[collections.Contacts]+"?expand=owner").Want(t, 200)
	wantNames(t, contact.At("expand.owner"), fieldsOf(memberNames))

	h.ana.Post("/conversations/"+h.conversation+"/block", nil).Want(t, 200)
	for where, shown := range map[string]apptest.Answer{
		"a message":      h.ben.Get(record + h.rows[collections.Messages] + "?expand=help_request,conversation"),
		"a conversation": h.ben.Get(path(collections.Conversations) + "/" + h.conversation + "?expand=help_request"),
		"the routes":     h.ben.Get("/conversations/" + h.conversation),
	} {
		if strings.Contains(shown.Raw, h.rows[collections.HelpRequests]) || strings.Contains(shown.Raw, "A ladder") {
			t.Errorf("%s still tells of a help request whose owner has blocked the viewer: %s", where, shown.Raw)
		}
	}
	h.ben.Get(path(collections.HelpRequests)+"/"+h.rows[collections.HelpRequests]).Want(t, 404)

	left := h.stranger.Meets(t, h.ben)
	text := h.ben.Says(t, left, "For Cleo alone")
	note := h.insert(t, collections.Notifications, apptest.JSON{"user": h.stranger.ID, "type": "message", "conversation": left, "message": text})
	if seen := h.stranger.Get(path(collections.Notifications) + "/" + note + "?expand=conversation,message"); seen.Text("expand.message.content") != "For Cleo alone" {
		t.Errorf("a notification does not show its message: %s", seen.Raw)
	}
	h.stranger.Post("/conversations/"+left+"/leave", nil).Want(t, 200)
	if seen := h.stranger.Get(path(collections.Notifications)+"/"+note+"?expand=conversation,message").Want(t, 200); strings.Contains(seen.Raw, "For Cleo alone") || seen.At("expand") != nil && len(seen.At("expand").(map[string]any)) > 0 {
		t.Errorf("after leaving, a notification still shows %s", seen.Raw)
	}
}

func TestAMemberMutesAndArchivesTheirOwnRowAlone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	row := path(collections.Participants) + "/" + h.rows[collections.Participants]
	before := h.ana.Get(row).Want(t, 200)
	until := collections.Stamp(time.Now().Add(time.Hour))
	changed := h.ana.Patch(row, apptest.JSON{
		"archived": true, "muted_until": until, "consent": "declined", "role": "moderator", "user": h.ben.ID, "conversation": "x", "left_at": until,
		"joined_at": until, "last_read_seq": 99, "last_delivered_seq": 99, "unread_count": 99, "unread": 99, "concealed": true, "invited_by": "x", "shared_read_seq": 9,
	}).Want(t, 200)
	if changed.At("archived") != true || changed.Text("muted_until") != until {
		t.Errorf("answered %s", changed.Raw)
	}
	for name, was := range before.Body {
		if name != "archived" && name != "muted_until" && changed.At(name) != was {
			t.Errorf("%s is %v, was %v", name, changed.At(name), was)
		}
	}
	for name, body := range map[string]apptest.JSON{
		"no date": {"muted_until": "tomorrow"}, "a number": {"muted_until": 5}, "a text": {"archived": "yes"}, "a list": {"archived": []bool{true}},
	} {
		if refused := h.ana.Patch(row, body); refused.Status != 400 {
			t.Errorf("%s: answered %d %s", name, refused.Status, refused.Raw)
		}
	}
	if seen := h.ben.Get(row).Want(t, 200); seen.At("archived") != nil || seen.At("muted_until") != nil || seen.At("unread_count") != nil {
		t.Errorf("the other sees %s", seen.Raw)
	}
	if inbox := h.ana.Get("/conversations?archived=true").Want(t, 200); len(inbox.List("conversations")) != 1 {
		t.Errorf("the archive: %s", inbox.Raw)
	}
}

func TestBlocksByTheSDK(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	blocks := path(collections.Blocks)
	first := h.ana.Post(blocks, apptest.JSON{"blocked": h.ben.ID, "blocker": h.stranger.ID}).Want(t, 200)
	if first.Text("blocker") != h.ana.ID {
		t.Errorf("the blocker is %s", first.Raw)
	}
	if again := h.ana.Post(blocks, apptest.JSON{"blocked": h.ben.ID}).Want(t, 200); again.Raw != first.Raw {
		t.Errorf("again: %s", again.Raw)
	}
	if c := h.ana.Get("/conversations/" + h.conversation); c.At("conversation.is_blocked") != true || c.Text("conversation.status") != "blocked" {
		t.Errorf("the conversation: %s", c.Raw)
	}
	for name, body := range map[string]apptest.JSON{
		"oneself": {"blocked": h.ana.ID}, "nobody": {"blocked": "doesnotexist000"}, "nothing": {}, "a number": {"blocked": 5}, "empty": {"blocked": ""},
	} {
		if refused := h.ana.Post(blocks, body); refused.Status != 400 || refused.At("data.blocked") == nil {
			t.Errorf("%s: answered %d %s", name, refused.Status, refused.Raw)
		}
	}
	h.ana.Patch(blocks+"/"+first.Text("id"), apptest.JSON{"blocked": h.stranger.ID}).Want(t, 403)
	h.ben.Delete(blocks+"/"+first.Text("id")).Want(t, 404)
	h.ana.Delete(blocks+"/"+first.Text("id")).Want(t, 204)
	if c := h.ana.Get("/conversations/" + h.conversation); c.At("conversation.is_blocked") != false {
		t.Errorf("after the unblock: %s", c.Raw)
	}
}

func TestDevicesByTheSDK(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	devices := path(collections.PushSubscriptions)
	two := device("two")
	two["user"], two["user_agent"] = h.ben.ID, "mine"
	made := h.ana.Post(devices, two).Want(t, 200)
	if made.Text("user") != h.ana.ID || made.Text("user_agent") == "mine" || made.Text("endpoint") != two["endpoint"] {
		t.Errorf("made %s", made.Raw)
	}
	if again := h.ana.Post(devices, device("two")).Want(t, 200); again.Text("id") != made.Text("id") {
		t.Errorf("again: answered %s", again.Raw)
	}
	if theirs := h.ben.Post(devices, device("two")).Want(t, 200); theirs.Text("id") == made.Text("id") || theirs.Text("user") != h.ben.ID {
		t.Errorf("by another member: answered %s", theirs.Raw)
	}
	for name, change := range map[string]apptest.JSON{
		"an endpoint that is a number":   {"endpoint": 5},
		"no endpoint":                    {"endpoint": nil},
		"a host that is no push service": {"endpoint": "https://push.evil.example/x"},
		"the machine itself":             {"endpoint": "https://127.0.0.1/x"},
		"plain HTTP":                     {"endpoint": "http://fcm.googleapis.com/x"},
		"no secret":                      {"auth": ""},
		"an invalid key":                 {"p256dh": "key"},
	} {
		body := device("three")
		for field, value := range change {
			body[field] = value
		}
		refused := h.ana.Post(devices, body)
		for field := range change {
			if refused.Status != 400 || refused.At("data."+field) == nil {
				t.Errorf("%s: answered %d %s", name, refused.Status, refused.Raw)
			}
		}
	}
	h.ben.Delete(devices+"/"+made.Text("id")).Want(t, 404)
	h.ana.Delete(devices+"/"+made.Text("id")).Want(t, 204)
}

func TestANotificationIsMarkedReadAndNothingElse(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	row := path(collections.Notifications) + "/" + h.rows[collections.Notifications]
	at := collections.Stamp(time.Now())
	changed := h.ana.Patch(row, apptest.JSON{"read_at": at, "title": "x", "body": "x", "type": "x", "user": h.ben.ID, "message": "", "conversation": ""}).Want(t, 200)
	if changed.Text("read_at") != at || changed.Text("title") != "News" || changed.Text("user") != h.ana.ID || changed.Text("conversation") == "" {
		t.Errorf("changed to %s", changed.Raw)
	}
	h.ben.Patch(row, apptest.JSON{"read_at": at}).Want(t, 404)
}

func TestPreferencesByRouteAndBySDKAreTheSame(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	row := path(collections.Preferences) + "/" + h.rows[collections.Preferences]
	given := h.ana.Get("/messaging/preferences").Want(t, 200)
	wantNames(t, given.At("preferences"), fieldsOf(preferenceNames))
	for name, want := range map[string]any{
		"can_receive_from": "help_connections", "auto_accept_help_requests": true, "email_notifications": true, "push_notifications": true,
		"quiet_hours_start": "", "quiet_hours_end": "", "read_receipts": true, "typing_indicators": true, "report_threshold": 3.0, "user": h.ana.ID,
	} {
		if got := given.At("preferences." + name); got != want {
			t.Errorf("%s is %v by default, want %v", name, got, want)
		}
	}
	for name, change := range map[string]func(apptest.JSON) apptest.Answer{
		"by the route": func(body apptest.JSON) apptest.Answer { return h.ana.Put("/messaging/preferences", body) },
		"by the SDK":   func(body apptest.JSON) apptest.Answer { return h.ana.Patch(row, body) },
	} {
		change(apptest.JSON{"can_receive_from": "anyone", "quiet_hours_start": "22:00", "report_threshold": 5, "user": h.ben.ID}).Want(t, 200)
		if now := h.ana.Get(row); now.Text("can_receive_from") != "anyone" || now.Text("quiet_hours_start") != "22:00" || now.At("read_receipts") != true || now.Text("user") != h.ana.ID {
			t.Errorf("%s: %s", name, now.Raw)
		}
		change(apptest.JSON{"can_receive_from": "nobody", "quiet_hours_start": "", "report_threshold": 3}).Want(t, 200)
		for what, body := range map[string]apptest.JSON{
			"can_receive_from": {"can_receive_from": "friends"}, "quiet_hours_start": {"quiet_hours_start": "25:00"}, "quiet_hours_end": {"quiet_hours_end": "7am"},
			"read_receipts": {"read_receipts": "yes"}, "report_threshold": {"report_threshold": 0}, "typing_indicators": {"typing_indicators": 1},
		} {
			if refused := change(body); refused.Status != 400 || refused.At("data."+what) == nil {
				t.Errorf("%s, %v: answered %d %s", name, body, refused.Status, refused.Raw)
			}
		}
		for _, wrong := range []float64{-1, 1.5, 101} {
			if refused := change(apptest.JSON{"report_threshold": wrong}); refused.Status != 400 {
				t.Errorf("%s, a threshold of %v: answered %d", name, wrong, refused.Status)
			}
		}
	}
	h.ben.Patch(row, apptest.JSON{"read_receipts": false}).Want(t, 404)
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
