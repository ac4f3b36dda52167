package views_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/internal/apptest"
	"carecollective/internal/store"
	"carecollective/internal/token"
	"carecollective/messaging"
	"carecollective/views"
)

// The tables say for each field what each kind of viewer is shown of it: the value as text, "set" for any value but an
// empty one, and "-" where the field is not there at all.
const (
	absent = "-"
	set    = "set"
)

// row is what each kind of viewer is shown of one field. Ana is the owner: the sender, the one who asks, the one who reports.
type row struct{ owner, other, stranger, moderator, impersonated, nobody string }

// all is a field that everyone is shown alike.
func all(value string) row { return row{value, value, value, value, value, value} }

// scene is a world with one viewer of each kind.
type scene struct {
	*apptest.World
	ana, ben     *apptest.Person
	conversation string
	viewers      map[string]views.Viewer
}

func newScene(t *testing.T) *scene {
	t.Helper()
	w, ana, ben, conversation := apptest.Talk(t)
	impersonated := w.Row(collections.Users, ana.ID)
	token.MarkImpersonated(impersonated)
	s := &scene{World: w, ana: ana, ben: ben, conversation: conversation, viewers: map[string]views.Viewer{
		"owner": views.ViewerOf(w.Row(collections.Users, ana.ID)), "other": views.ViewerOf(w.Row(collections.Users, ben.ID)),
		"stranger":     views.ViewerOf(w.Row(collections.Users, w.Member("Cleo").ID)),
		"moderator":    views.ViewerOf(w.Row(collections.Users, w.Moderator("Mo").ID)),
		"impersonated": views.ViewerOf(impersonated), "nobody": views.ViewerOf(nil),
	}}
	return s
}

// check shows a new copy of a record to each viewer and compares the fields.
func (s *scene) check(t *testing.T, fields map[string]row, show func(views.Viewer) *core.Record) {
	t.Helper()
	for name, v := range s.viewers {
		shown := show(v).PublicExport()
		for field, row := range fields {
			want := map[string]string{
				"owner": row.owner, "other": row.other, "stranger": row.stranger, "moderator": row.moderator,
				"impersonated": row.impersonated, "nobody": row.nobody,
			}[name]
			got := absent
			if value, there := shown[field]; there {
				if got = fmt.Sprint(value); want == set && got != "" {
					got = set
				}
			}
			if got != want {
				t.Errorf("%s is shown %q as %s, want %q", name, got, field, want)
			}
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestASuperuserIsNobody(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	if v := views.ViewerOf(s.Row(core.CollectionNameSuperusers, s.Superuser().ID)); v != (views.Viewer{}) {
		t.Errorf("a superuser is %+v", v)
	}
}

func TestWhatIsShownOfAMessage(t *testing.T) {
	t.Parallel()
	plain := row{"Hello", "Hello", "Hello", "Hello", absent, absent}
	flags := row{absent, absent, absent, "true", absent, absent}
	hidden := row{"Hello", "", "", "", absent, absent}
	for name, c := range map[string]struct {
		prepare func(t *testing.T, s *scene, m *collections.Message)
		fields  map[string]row
	}{
		"as it was sent": {func(*testing.T, *scene, *collections.Message) {}, map[string]row{
			"content": plain, "attachments": all("[]"), "sender": all(set), "is_flagged": {absent, absent, absent, "false", absent, absent},
			"content_sealed": all(absent), "earlier_sealed": all(absent), "withheld_from": all(absent), "private_to": all(absent),
		}},
		"flagged": {func(_ *testing.T, _ *scene, m *collections.Message) { m.Flag("spam") }, map[string]row{
			"content": plain, "is_flagged": flags, "flagged_reason": {absent, absent, absent, "spam", absent, absent},
		}},
		"deleted": {func(_ *testing.T, _ *scene, m *collections.Message) {
			m.Set("deleted_at", store.Stamp(time.Now()))
		}, map[string]row{
			"content": {"", "", "", "", absent, absent}, "deleted_at": all(set),
		}},
		"hidden by a moderator": {func(_ *testing.T, _ *scene, m *collections.Message) {
			m.Set("moderation_status", collections.ModerationHidden)
		}, map[string]row{"content": hidden}},
		"removed by a moderator": {func(_ *testing.T, _ *scene, m *collections.Message) {
			m.Set("moderation_status", collections.ModerationRemoved)
		}, map[string]row{"content": hidden}},
		"withheld from the other, who has blocked the sender": {func(_ *testing.T, s *scene, m *collections.Message) {
			m.WithholdFrom([]string{s.ben.ID})
		}, map[string]row{"content": {"Hello", "", "Hello", "Hello", absent, absent}}},
		"edited behind a block": {func(t *testing.T, s *scene, m *collections.Message) {
			t.Helper()
			must(t, m.SealEarlier(s.App, map[string]collections.Version{s.ben.ID: m.Current("As it was")}))
			m.MarkEdited(time.Now())
		}, map[string]row{
			"content": {"Hello", "As it was", "Hello", "Hello", absent, absent}, "edited_at": {set, "", set, set, set, set}, "earlier_sealed": all(absent),
		}},
		"spoilt on the disk": {func(_ *testing.T, _ *scene, m *collections.Message) { m.Set("content_sealed", "spoilt") }, map[string]row{
			"content": {views.Unreadable, views.Unreadable, views.Unreadable, views.Unreadable, absent, absent},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			s.check(t, c.fields, func(v views.Viewer) *core.Record {
				first, err := s.App.FindFirstRecordByData(collections.Messages, "conversation", s.conversation)
				must(t, err)
				m := collections.AsMessage(first)
				c.prepare(t, s, m)
				must(t, views.Message(s.App, v, m, true))
				return m.ProxyRecord()
			})
		})
	}
}

func TestAHelpRequestThatIsNotSeenIsNotNamed(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	for seen, want := range map[bool]string{true: set, false: ""} {
		s.check(t, map[string]row{"help_request": all(want)}, func(v views.Viewer) *core.Record {
			first, err := s.App.FindFirstRecordByData(collections.Messages, "conversation", s.conversation)
			must(t, err)
			m := collections.AsMessage(first)
			m.Set("help_request", "helprequest0000")
			must(t, views.Message(s.App, v, m, seen))
			return m.ProxyRecord()
		})
		s.check(t, map[string]row{"help_request": all(want)}, func(v views.Viewer) *core.Record {
			c := collections.AsConversation(s.Row(collections.Conversations, s.conversation))
			c.Set("help_request", "helprequest0000")
			must(t, views.Conversation(s.App, v, c, views.Side{HelpSeen: seen}))
			return c.ProxyRecord()
		})
	}
}

func TestWhatIsShownOfAMember(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	own := row{set, absent, absent, absent, set, absent}
	s.check(t, map[string]row{
		"name": all("Ana"), "bio": all("Here for years"), "phone": {"+49 30 5550100", absent, absent, absent, absent, absent},
		"email": own, "verified": own, "emailVisibility": own, "phone_sealed": all(absent), "password": all(absent), "tokenKey": all(absent),
	}, func(v views.Viewer) *core.Record {
		m := collections.AsMember(s.Row(collections.Users, s.ana.ID))
		m.Set("bio", "Here for years")
		must(t, m.SealPhone(s.App, "+49 30 5550100"))
		m.ProxyRecord().IgnoreEmailVisibility(true)
		must(t, views.Member(s.App, v, m))
		return m.ProxyRecord()
	})
}

func TestWhatIsShownOfAConversation(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	show := func(side views.Side) func(v views.Viewer) *core.Record {
		return func(v views.Viewer) *core.Record {
			c := collections.AsConversation(s.Row(collections.Conversations, s.conversation))
			c.Set("last_seq", 7)
			must(t, c.SealTitle(s.App, "Food bank"))
			must(t, views.Conversation(s.App, v, c, side))
			return c.ProxyRecord()
		}
	}
	s.check(t, map[string]row{
		"title": {"Food bank", "Food bank", "Food bank", "Food bank", absent, absent}, "title_sealed": all(absent), "status": all("active"), "last_seq": all("7"),
	}, show(views.Side{}))
	own, err := collections.FindParticipant(s.App, s.conversation, s.ana.ID)
	must(t, err)
	s.check(t, map[string]row{"status": all("blocked"), "last_seq": all("1")}, show(views.Side{Own: own, Blocking: true}))
}

func TestWhatIsShownOfAPlaceInAConversation(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	own := row{set, absent, absent, absent, set, absent}
	read := row{"5", "3", "3", "3", "5", "3"}
	s.check(t, map[string]row{
		"unread_count": {"4", absent, absent, absent, "4", absent}, "muted_until": own, "archived": own, "last_read_seq": read,
		"last_delivered_seq": {"6", "3", "3", "3", "6", "3"}, "consent": {"declined", "pending", "pending", "pending", "declined", "declined"},
		"shared_read_seq": all(absent),
	}, func(v views.Viewer) *core.Record {
		p := collections.AsParticipant(s.Place(s.conversation, s.ana))
		for name, value := range map[string]any{
			"unread": 4, "last_read_seq": 5, "last_delivered_seq": 6, "consent": "declined", "muted_until": "2036-01-01 00:00:00.000Z", "archived": true,
		} {
			p.Set(name, value)
		}
		views.Participant(v, p, collections.Watermark{Read: 3, Delivered: 3})
		return p.ProxyRecord()
	})
}

func TestWhatIsShownOfAContactExchange(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	agreed := func(endedFor string) func(v views.Viewer) *core.Record {
		return func(v views.Viewer) *core.Record {
			c, err := collections.NewContact(s.App, s.conversation, s.ana.ID, s.ben.ID, "phone")
			must(t, err)
			c.Id = "contact00000000"
			must(t, c.Agree(s.App, "+49 30 5550100", time.Now()))
			c.Set("ended_for", endedFor)
			must(t, views.Contact(s.App, v, c))
			return c.ProxyRecord()
		}
	}
	const number = "+49 30 5550100"
	s.check(t, map[string]row{
		"value": {number, number, number, number, absent, absent}, "value_sealed": all(absent), "status": all("agreed"),
	}, agreed(""))
	s.check(t, map[string]row{
		"value": {"", number, number, number, absent, absent}, "status": {"withdrawn", "agreed", "agreed", "agreed", "withdrawn", "agreed"},
	}, agreed(s.ana.ID))
	s.check(t, map[string]row{"value": {"", "", "", "", absent, absent}, "status": all("pending")}, func(v views.Viewer) *core.Record {
		c, err := collections.NewContact(s.App, s.conversation, s.ana.ID, s.ben.ID, "phone")
		must(t, err)
		must(t, views.Contact(s.App, v, c))
		return c.ProxyRecord()
	})
}

func TestWhatIsShownOfAReportAndAnAppeal(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	opened := row{"He frightens me.", "He frightens me.", "He frightens me.", "He frightens me.", absent, absent}
	report := s.ana.Post("/users/"+s.ben.ID+"/report", apptest.JSON{"reason": "spam", "description": "He frightens me."}).Want(t, 201).Text("report.id")
	s.check(t, map[string]row{"description": opened, "description_sealed": all(absent)}, func(v views.Viewer) *core.Record {
		r := collections.AsReport(s.Row(collections.Reports, report))
		must(t, views.Report(s.App, v, r))
		return r.ProxyRecord()
	})
	s.check(t, map[string]row{"text": opened, "text_sealed": all(absent)}, func(v views.Viewer) *core.Record {
		a, err := collections.NewAppeal(s.App, s.ana.ID, "", "He frightens me.", time.Now())
		must(t, err)
		must(t, views.Appeal(s.App, v, a))
		return a.ProxyRecord()
	})
}

func TestADeviceIsShownWithItsKeys(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	d, err := collections.NewDevice(s.App)
	must(t, err)
	must(t, d.Take(s.App, s.ana.ID, "test", map[string]string{"endpoint": "https://push.example.com/1", "p256dh": "a key", "auth": "a secret"}))
	must(t, views.Device(s.App, d))
	shown := d.ProxyRecord().PublicExport()
	for field, want := range map[string]string{"endpoint": "https://push.example.com/1", "p256dh": "a key", "auth": "a secret"} {
		if shown[field] != want {
			t.Errorf("%s is shown as %v", field, shown[field])
		}
		if _, there := shown[field+"_sealed"]; there {
			t.Errorf("%s is shown as it is stored", field)
		}
	}
}

func TestAnEntryOfTheInboxTellsTheAskerNothingUntilTheyAreAccepted(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	for stored, want := range map[string]string{"accepted": "accepted", "pending": "pending", "declined": "pending"} {
		s.Change(collections.Participants, s.Place(s.conversation, s.ben).Id, apptest.JSON{"consent": stored})
		e, err := messaging.FindEntry(s.App, s.ana.ID, s.conversation)
		must(t, err)
		shown, err := views.Entry(s.App, s.viewers["owner"], e)
		must(t, err)
		if shown["consent"] != want {
			t.Errorf("%s is shown as %v, want %s", stored, shown["consent"], want)
		}
	}
}
