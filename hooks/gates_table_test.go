package hooks_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/internal/apptest"
	"carecollective/internal/store"
)

// gates has for each gate a write that fares otherwise without it. try says what came of the write; it is called with the
// gate bound, when it must say want, and in the same scene without the gate, when it must say something else.
var gates = map[string]struct {
	want string
	try  func(s *scene) string
}{
	// Messages.
	"messages.create.request": {"from Ana", func(s *scene) string {
		record, err := s.creates(s.ana, collections.Messages, apptest.JSON{"conversation": s.conversation, "content": "Hello", "sender": s.ben.ID})
		if err == nil && record.GetString("sender") == s.ana.ID {
			return "from Ana"
		}
		return "not from Ana: " + refused(err)
	}},
	"messages.update.request": {"seq 2", func(s *scene) string {
		record := s.Row(collections.Messages, s.second())
		s.must(s.updates(s.ana, record, apptest.JSON{"content": "Edited", "seq": 9}))
		return fmt.Sprint("seq ", s.Row(collections.Messages, record.Id).GetInt("seq"))
	}},
	"messages.delete.request": {"a tombstone", func(s *scene) string {
		event := s.asks(s.ana, s.says(s.ana, "Hello"), nil)
		s.must(s.App.OnRecordDeleteRequest().Trigger(event, func(e *core.RecordRequestEvent) error { return e.App.Delete(e.Record) }))
		if row, err := s.App.FindRecordById(collections.Messages, event.Record.Id); err == nil && row.GetString("deleted_at") != "" {
			return "a tombstone"
		}
		return "nothing"
	}},
	"messages.validate.text": {"content: control_characters", func(s *scene) string {
		return refused(s.App.Save(s.message(s.ana, "a\u0007")))
	}},
	"messages.validate.screen": {"content: content_blocked", func(s *scene) string {
		return refused(s.App.Save(s.message(s.ana, fraud)))
	}},
	"messages.validate.id": {"id: validation_invalid_format", func(s *scene) string {
		m := s.message(s.ana, "Hello")
		m.Id = "No Id!"
		return refused(s.App.Save(m))
	}},
	"messages.create.admit": {"404", func(s *scene) string {
		return refused(s.App.Save(s.message(s.cleo, "Hello")))
	}},
	"messages.updated.search": {"found as it is now", func(s *scene) string {
		m := s.says(s.ana, "A needle")
		s.must(s.search("needle", 1))
		event := s.asks(s.ana, m, apptest.JSON{"content": "A thimble"})
		s.must(s.App.OnRecordUpdateRequest().Trigger(event, save))
		if s.search("thimble", 1) != nil {
			return "not found"
		}
		s.must(event.App.Delete(s.Row(collections.Messages, m.Id)))
		return "found as it is now"
	}},

	// What members show of themselves.
	"help_requests.create.request": {"account_suspended", func(s *scene) string {
		s.Stands(s.ana, apptest.JSON{"restriction_level": "suspended"})
		_, err := s.creates(s.ana, collections.HelpRequests, apptest.JSON{"title": "A ride", "kind": "need", "urgency": "normal", "status": "open", "user": s.ana.ID})
		return refused(err)
	}},
	"help_requests.update.request": {"account_suspended", func(s *scene) string {
		record := s.help(s.ana)
		s.Stands(s.ana, apptest.JSON{"restriction_level": "suspended"})
		return refused(s.updates(s.ana, record, apptest.JSON{"title": "Two rides"}))
	}},
	"help_requests.validate.text": {"title: control_characters", func(s *scene) string {
		return refused(s.App.Save(s.fresh(collections.HelpRequests, apptest.JSON{"user": s.ana.ID, "title": "a\u0007", "kind": "need", "urgency": "normal", "status": "open"})))
	}},
	"help_requests.create.acknowledge": {"title: personal_data", func(s *scene) string {
		_, err := s.creates(s.ana, collections.HelpRequests, apptest.JSON{"title": personal})
		return refused(err)
	}},
	"help_requests.update.acknowledge": {"title: personal_data", func(s *scene) string {
		return refused(s.updates(s.ana, s.help(s.ana), apptest.JSON{"title": personal}))
	}},
	"help_requests.create.screen": {"title: content_blocked", func(s *scene) string {
		return refused(s.App.Save(s.fresh(collections.HelpRequests, apptest.JSON{"user": s.ana.ID, "title": fraud, "kind": "need", "urgency": "normal", "status": "open"})))
	}},
	"help_requests.update.screen": {"title: content_blocked", func(s *scene) string {
		record := s.help(s.ana)
		record.Set("title", fraud)
		return refused(s.App.Save(record))
	}},
	"help_requests.update.tell": {"1 more message", func(s *scene) string {
		record := s.helpBetween()
		before := s.count(collections.Messages)
		record.Set("status", map[string]string{"open": "in_progress", "in_progress": "open"}[record.GetString("status")])
		s.must(s.App.Save(record))
		return fmt.Sprintf("%d more message", s.count(collections.Messages)-before)
	}},
	"help_requests.delete.forget": {"unchanged since", func(s *scene) string {
		record := s.help(s.ana)
		s.Change(collections.Conversations, s.conversation, apptest.JSON{"help_request": record.Id})
		const before = "2020-01-01 00:00:00.000Z"
		_, err := s.App.DB().NewQuery("UPDATE conversations SET updated_at = '" + before + "'").Execute()
		s.must(err)
		s.must(s.App.Delete(record))
		if after := s.Row(collections.Conversations, s.conversation); after.GetString("help_request") != "" || after.GetString("updated_at") != before {
			return "the conversation has changed"
		}
		return "unchanged since"
	}},
	"users.create.acknowledge": {"bio: personal_data", func(s *scene) string {
		_, err := s.creates(nil, collections.Users, newcomer(apptest.JSON{"bio": personal}))
		return refused(err)
	}},
	"users.update.acknowledge": {"bio: personal_data", func(s *scene) string {
		return refused(s.updates(s.ana, s.Row(collections.Users, s.ana.ID), apptest.JSON{"bio": personal}))
	}},
	"users.create.screen": {"bio: content_blocked", func(s *scene) string {
		record := s.fresh(collections.Users, newcomer(apptest.JSON{"bio": fraud}))
		return refused(s.App.Save(record))
	}},
	"users.update.screen": {"bio: content_blocked", func(s *scene) string {
		record := s.Row(collections.Users, s.ana.ID)
		record.Set("bio", fraud)
		return refused(s.App.Save(record))
	}},
	"users.update.standing": {"account_suspended", func(s *scene) string {
		s.Stands(s.ana, apptest.JSON{"restriction_level": "suspended"})
		return refused(s.updates(s.ana, s.Row(collections.Users, s.ana.ID), apptest.JSON{"name": "Anna"}))
	}},
	"users.create.phone": {"phone: validation_invalid_format", func(s *scene) string {
		_, err := s.creates(nil, collections.Users, newcomer(apptest.JSON{"phone": "none"}))
		return refused(err)
	}},
	"users.update.phone": {"phone: validation_invalid_format", func(s *scene) string {
		return refused(s.updates(s.ana, s.Row(collections.Users, s.ana.ID), apptest.JSON{"phone": "none"}))
	}},
	"users.create.avatar": {"sealed", func(s *scene) string {
		record := s.fresh(collections.Users, newcomer(nil))
		return s.wears(nil, record, s.App.OnRecordCreateRequest().Trigger)
	}},
	"users.update.avatar": {"sealed", func(s *scene) string {
		return s.wears(s.ana, s.Row(collections.Users, s.ana.ID), s.App.OnRecordUpdateRequest().Trigger)
	}},
	"users.update.channels": {"mails go out again", func(s *scene) string {
		s.Change(collections.Preferences, s.own(collections.Preferences, s.ana).Id, apptest.JSON{"email_failed_at": store.Stamp(time.Now())})
		record := s.Row(collections.Users, s.ana.ID)
		record.SetEmail(core.GenerateDefaultRandomId() + "@example.org")
		s.must(s.App.Save(record))
		return s.trusted()
	}},
	"users.update.stays": {"401", func(s *scene) string {
		s.erase()
		record := s.Row(collections.Users, s.ana.ID)
		record.Set("bio", core.GenerateDefaultRandomId())
		return refused(s.App.Save(record))
	}},
	"records.create.owned.stays": {"401", func(s *scene) string {
		s.erase()
		return refused(s.App.Save(s.fresh(collections.HelpRequests, apptest.JSON{"user": s.ana.ID, "title": "A ride", "kind": "need", "urgency": "normal", "status": "open"})))
	}},
	"records.update.changed": {"both changes", func(s *scene) string {
		one := s.help(s.ana)
		another := s.Row(collections.HelpRequests, one.Id)
		one.Set("title", "Two rides")
		another.Set("location", "By the river")
		s.must(s.App.Save(one))
		s.must(s.App.Save(another))
		if s.Row(collections.HelpRequests, one.Id).GetString("title") == "Two rides" {
			return "both changes"
		}
		return "the last change"
	}},
	"conversations.create.screen": {"1 more case", func(s *scene) string {
		before := s.count(collections.Cases)
		s.must(s.group(dubious))
		return fmt.Sprintf("%d more case", s.count(collections.Cases)-before)
	}},

	// Blocks.
	"user_blocks.create.request": {"blocked: validation_invalid_value", func(s *scene) string {
		_, err := s.creates(s.ana, collections.Blocks, apptest.JSON{"blocked": s.ana.ID, "blocker": s.ana.ID})
		return refused(err)
	}},
	"user_blocks.create.freeze": {"the watermarks are kept", func(s *scene) string {
		record := s.fresh(collections.Blocks, apptest.JSON{"blocker": s.ana.ID, "blocked": s.ben.ID})
		s.must(s.App.Save(record))
		defer func() { s.must(s.App.Delete(record)) }()
		if strings.Contains(record.GetString("watermarks"), s.conversation) {
			return "the watermarks are kept"
		}
		return record.GetString("watermarks")
	}},
	"user_blocks.delete.tell": {"conversations update", func(s *scene) string {
		record := s.stored(collections.Blocks, apptest.JSON{"blocker": s.ana.ID, "blocked": s.ben.ID})
		return s.heard(func() { s.must(s.App.Delete(record)) })
	}},

	// Rows that are a member's own.
	"messaging_preferences.update.request": {"still Ana's", func(s *scene) string {
		record := s.own(collections.Preferences, s.ana)
		s.must(s.updates(s.ana, record, apptest.JSON{"stand_in": "push"}))
		if s.own(collections.Preferences, s.ana).GetString("stand_in") == "" {
			return "still Ana's"
		}
		return "changed"
	}},
	"messaging_preferences.validate": {"can_receive_from: validation_required", func(s *scene) string {
		record := s.own(collections.Preferences, s.ana)
		record.Set("can_receive_from", "")
		return refused(s.App.Save(record))
	}},
	"messaging_preferences.update.channels": {"mails go out again", func(s *scene) string {
		id := s.own(collections.Preferences, s.ana).Id
		s.Change(collections.Preferences, id, apptest.JSON{"email_failed_at": store.Stamp(time.Now())})
		record := s.Row(collections.Preferences, id)
		record.Set("email_notifications", !record.GetBool("email_notifications"))
		s.must(s.App.Save(record))
		return s.trusted()
	}},
	"conversation_participants.update.request": {"still accepted", func(s *scene) string {
		record := s.Place(s.conversation, s.ana)
		s.must(s.updates(s.ana, record, apptest.JSON{"consent": "pending", "archived": true}))
		return "still " + s.Place(s.conversation, s.ana).GetString("consent")
	}},
	"notifications.update.request": {"News", func(s *scene) string {
		record := s.stored(collections.Notifications, apptest.JSON{"user": s.ana.ID, "type": "message", "title": "News"})
		s.must(s.updates(s.ana, record, apptest.JSON{"title": "Other news"}))
		return s.Row(collections.Notifications, record.Id).GetString("title")
	}},
	"notifications.create.tell": {"notifications create", func(s *scene) string {
		return s.heard(func() {
			s.stored(collections.Notifications, apptest.JSON{"user": s.ana.ID, "type": "message", "title": "News"})
		})
	}},
	"notifications.update.tell": {"notifications update", func(s *scene) string {
		record := s.stored(collections.Notifications, apptest.JSON{"user": s.ana.ID, "type": "message", "title": "News"})
		return s.heard(func() {
			record.Set("read_at", store.Stamp(time.Now()))
			s.must(s.App.Save(record))
		})
	}},
	"push_subscriptions.create.request": {"p256dh: validation_invalid_value", func(s *scene) string {
		_, err := s.creates(s.ana, collections.PushSubscriptions, apptest.JSON{"endpoint": "https://fcm.googleapis.com/fcm/send/one", "p256dh": "short", "auth": "short"})
		return refused(err)
	}},
	"push_subscriptions.create.limit": {"endpoint: too_many", func(s *scene) string {
		s.Settings(apptest.JSON{"devices_per_member": 1})
		var last error
		for range 2 {
			last = s.App.Save(s.fresh(collections.PushSubscriptions, apptest.JSON{
				"user": s.ana.ID, "endpoint_sealed": "x", "p256dh_sealed": "x", "auth_sealed": "x", "endpoint_hash": core.GenerateDefaultRandomId(), "host": "x",
			}))
		}
		return refused(last)
	}},

	// Moderation and settings.
	"messaging_settings.update.least": {"window_message_limit: validation_min_number_constraint", func(s *scene) string {
		return refused(s.updates(nil, s.Row(collections.Settings, collections.SettingsID), apptest.JSON{"window_message_limit": 0}))
	}},
	"user_moderation.update.penalty": {"1 more penalty", func(s *scene) string {
		before := s.count(collections.Penalties)
		levels := map[string]string{"none": "limited", "limited": "suspended"}
		record := s.own(collections.Standings, s.ana)
		s.must(s.updates(nil, record, apptest.JSON{"restriction_level": levels[record.GetString("restriction_level")]}))
		return fmt.Sprintf("%d more penalty", s.count(collections.Penalties)-before)
	}},
	"moderation_penalties.create.requests": {"closed", func(s *scene) string {
		dan := s.Member("Dan" + core.GenerateDefaultRandomId())
		request := s.cleo.Asks(s.t, dan, "May I?")
		p, err := collections.NewPenalty(s.App, s.cleo.ID, "banned", "", "spam", "", time.Now(), time.Time{})
		s.must(err)
		s.must(s.App.Save(p))
		s.must(s.App.Delete(p))
		return s.Row(collections.Conversations, request).GetString("status")
	}},

	// What each viewer is shown.
	"messages.enrich":      {"content Hello", func(s *scene) string { return s.field("content", s.ben, collections.Messages, s.first()) }},
	"conversations.enrich": {"title ", func(s *scene) string { return s.field("title", s.ben, collections.Conversations, s.conversation) }},
	"conversation_participants.enrich": {"unread_count 1", func(s *scene) string {
		return s.field("unread_count", s.ben, collections.Participants, s.Place(s.conversation, s.ben).Id)
	}},
	"users.enrich": {"phone ", func(s *scene) string { return s.field("phone", s.ana, collections.Users, s.ana.ID) }},
	"contact_exchanges.enrich": {"value ", func(s *scene) string {
		c, err := collections.NewContact(s.App, s.conversation, s.ana.ID, s.ben.ID, "phone")
		s.must(err)
		s.must(s.App.SaveNoValidate(c))
		defer func() { s.must(s.App.Delete(c)) }()
		return s.field("value", s.ana, collections.Contacts, c.Id)
	}},
	"push_subscriptions.enrich": {"endpoint unreadable", func(s *scene) string {
		d := s.stored(collections.PushSubscriptions, apptest.JSON{"user": s.ana.ID, "endpoint_sealed": "x", "p256dh_sealed": "x", "auth_sealed": "x", "endpoint_hash": core.GenerateDefaultRandomId()})
		if s.field("endpoint", s.ana, collections.PushSubscriptions, d.Id) == "endpoint <nil>" {
			return "no endpoint"
		}
		return "endpoint unreadable"
	}},
	"notifications.enrich": {"a title", func(s *scene) string {
		n := s.stored(collections.Notifications, apptest.JSON{"user": s.ana.ID, "type": "message", "count": 1})
		if title, _ := s.shown(s.ana, n)["title"].(string); title != "" {
			return "a title"
		}
		return "no title"
	}},
	"message_reports.enrich": {"description ", func(s *scene) string {
		r := s.stored(collections.Reports, apptest.JSON{"subject_type": "user", "subject": s.ben.ID, "reported": s.ben.ID, "reported_by": s.ana.ID, "reason": "spam", "status": "pending"})
		defer func() { s.must(s.App.Delete(r)) }()
		return s.field("description", s.ana, collections.Reports, r.Id)
	}},
	"moderation_appeals.enrich": {"text ", func(s *scene) string {
		a := s.stored(collections.Appeals, apptest.JSON{"user": s.ana.ID, "status": "pending"})
		return s.field(collections.AppealText, s.ana, collections.Appeals, a.Id)
	}},
	"user_moderation.enrich": {"restriction_level none", func(s *scene) string {
		s.Stands(s.ana, apptest.JSON{"restriction_level": "suspended", "restricted_until": store.Stamp(time.Now().Add(-time.Hour))})
		return s.field("restriction_level", nil, collections.Standings, s.own(collections.Standings, s.ana).Id)
	}},
}
