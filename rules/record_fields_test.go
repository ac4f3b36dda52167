package rules_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"carecollective/collections"
	"carecollective/internal/apptest"
	"carecollective/server"
)

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
	memberNames     = "name avatar bio location role created_at updated_at"
)

func TestARecordHasTheFieldsOfTheContract(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for collection, fields := range map[string]string{
		collections.Users:             memberNames + " language time_zone phone email emailVisibility verified",
		collections.HelpRequests:      "user kind title description category urgency status location created_at updated_at",
		collections.Conversations:     "kind help_request created_by title status last_seq last_message_at created_at updated_at",
		collections.Participants:      placeNames + " unread_count muted_until archived",
		collections.Messages:          "conversation seq sender recipient help_request content message_type reply_to attachments status read_at edited_at moderation_status deleted_at created_at updated_at",
		collections.Preferences:       preferenceNames,
		collections.Blocks:            "blocker blocked created_at",
		collections.Contacts:          "conversation requester owner type status value created_at updated_at",
		collections.Notifications:     "user type title body facts subject_type subject conversation message count read_at created_at updated_at",
		collections.PushSubscriptions: "user endpoint p256dh auth user_agent last_success_at created_at",
	} {
		viewed := h.ana.Get(path(collection)+"/"+h.rows[collection]).Want(t, 200)
		t.Log(collection)
		apptest.WantNames(t, map[string]any(viewed.Body), fieldsOf(fields))
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
	apptest.WantNames(t, map[string]any(h.ben.Get(path(collections.Users)+"/"+h.ana.ID).Want(t, 200).Body), fieldsOf(memberNames))
	apptest.WantNames(t, map[string]any(h.ben.Get(path(collections.Participants)+"/"+h.rows[collections.Participants]).Want(t, 200).Body), fieldsOf(placeNames))
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
	apptest.WantNames(t, map[string]any(ben.Get(record+id).Want(t, 200).Body), apptest.MessageFields)
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
	apptest.WantNames(t, m.At("expand.sender"), fieldsOf(memberNames))
	apptest.WantNames(t, m.At("expand.conversation"), fieldsOf("kind help_request created_by title status last_seq last_message_at created_at updated_at"))
	if m.Text("expand.help_request.title") != "A ladder" {
		t.Errorf("the help request is not shown: %s", m.Raw)
	}
	contact := h.ben.Get(path(collections.Contacts)+"/"+h.rows[collections.Contacts]+"?expand=owner").Want(t, 200)
	apptest.WantNames(t, contact.At("expand.owner"), fieldsOf(memberNames))

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
