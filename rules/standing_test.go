package rules_test

import (
	"strconv"
	"testing"
	"time"

	"carecollective/collections"
	"carecollective/internal/apptest"
)

// deed is something that Ana does in a collective where she knows Ben; the last columns are what each standing answers:
// a status, or a refusal's code.
type deed struct {
	name                                   string
	do                                     func(s stage) apptest.Answer
	limited, unsending, suspended, banned_ string
}

type stage struct {
	t                                            *testing.T
	ana, ben                                     *apptest.Person
	known, asked, group, mine, theirs, help, ask string
}

// setting is a collective in which Ana has done everything once that her standing may later forbid.
func setting(t *testing.T) (*apptest.World, stage) {
	t.Helper()
	w := collective(t)
	s := stage{t: t, ana: w.Member("Ana"), ben: w.Member("Ben")}
	s.known = s.ana.Meets(t, s.ben)
	s.asked = w.Member("Cleo").Asks(t, s.ana, "Hello, may I?")
	s.group = gathered(t, s.ana, []*apptest.Person{s.ben})
	s.mine, s.theirs = s.ana.Says(t, s.known, "Mine"), s.ben.Says(t, s.known, "Theirs")
	s.help = needs(t, s.ana)
	s.ask = askFor(s.ben, s.known, "email").Want(t, 201).Text("contact.id")
	return w, s
}

const banned = "account_banned"

var deeds = []deed{
	{"reads the list", func(s stage) apptest.Answer { return s.ana.Get("/conversations") }, "200", "200", "200", banned},
	{"reads a thread", func(s stage) apptest.Answer { return s.ana.Get("/conversations/" + s.known + "/messages") }, "200", "200", "200", banned},
	{"reads by the SDK", func(s stage) apptest.Answer { return s.ana.Get("/collections/messages/records") }, "200", "200", "200", banned},
	{"reads help requests", func(s stage) apptest.Answer { return s.ana.Get("/collections/help_requests/records") }, "200", "200", "200", banned},
	{"marks as read", func(s stage) apptest.Answer { return s.ana.Put("/messages/"+s.theirs+"/read", nil) }, "200", "200", "200", banned},
	{"writes", func(s stage) apptest.Answer { return write(s.ana, s.known, "Hello") }, "201", "account_limited", "account_suspended", banned},
	{"writes by the SDK", func(s stage) apptest.Answer {
		return s.ana.Post("/collections/messages/records", apptest.JSON{"conversation": s.known, "content": "Hello"})
	}, "200", "account_limited", "account_suspended", banned},
	{"writes into a group", func(s stage) apptest.Answer { return write(s.ana, s.group, "Hello") }, "201", "account_limited", "account_suspended", banned},
	{"edits", func(s stage) apptest.Answer { return edit(s.ana, s.mine, "Edited") }, "200", "account_limited", "account_suspended", banned},
	{"deletes a message", func(s stage) apptest.Answer { return s.ana.Delete("/collections/messages/records/" + s.mine) }, "204", "204", "204", banned},
	{"types", func(s stage) apptest.Answer {
		return s.ana.Post("/conversations/"+s.known+"/typing", apptest.JSON{"is_typing": true})
	}, "204", "account_limited", "account_suspended", banned},
	{"starts a conversation", func(s stage) apptest.Answer { return start(s.ana, s.ben.World.Member("Dan").ID) }, "account_limited", "account_limited", "account_suspended", banned},
	{"makes a group", func(s stage) apptest.Answer { return gather(s.ana, s.ben.ID) }, "account_limited", "account_limited", "account_suspended", banned},
	{"goes on by a start", func(s stage) apptest.Answer { return start(s.ana, s.ben.ID) }, "201", "account_limited", "account_suspended", banned},
	{"accepts a request", func(s stage) apptest.Answer { return take(s.ana, s.asked, "accept") }, "200", "200", "account_suspended", banned},
	{"declines a request", func(s stage) apptest.Answer { return take(s.ana, s.asked, "decline") }, "200", "200", "200", banned},
	{"leaves", func(s stage) apptest.Answer { return take(s.ana, s.known, "leave") }, "200", "200", "200", banned},
	{"leaves a group", func(s stage) apptest.Answer { return take(s.ana, s.group, "leave") }, "200", "200", "200", banned},
	{"closes", func(s stage) apptest.Answer { return take(s.ana, s.known, "close") }, "200", "200", "200", banned},
	{"blocks", func(s stage) apptest.Answer { return s.ana.Post("/conversations/"+s.known+"/block", nil) }, "200", "200", "200", banned},
	{"blocks by the SDK", func(s stage) apptest.Answer {
		return s.ana.Post("/collections/user_blocks/records", apptest.JSON{"blocked": s.ben.ID})
	}, "200", "200", "200", banned},
	{"asks for a contact", func(s stage) apptest.Answer { return askFor(s.ana, s.known, "phone") }, "201", "account_limited", "account_suspended", banned},
	{"shows a contact", func(s stage) apptest.Answer { return s.ana.Post("/contacts/"+s.ask+"/accept", nil) }, "200", "account_limited", "account_suspended", banned},
	{"declines to show one", func(s stage) apptest.Answer { return s.ana.Post("/contacts/"+s.ask+"/decline", nil) }, "200", "200", "200", banned},
	{"withdraws one", func(s stage) apptest.Answer { return s.ana.Post("/contacts/"+s.ask+"/withdraw", nil) }, "200", "200", "200", banned},
	{"asks for help", func(s stage) apptest.Answer {
		return s.ana.Post("/collections/help_requests/records", apptest.JSON{"title": "Soup", "description": "Hot"})
	}, "200", "200", "account_suspended", banned},
	{"changes a help request", func(s stage) apptest.Answer {
		return s.ana.Patch("/collections/help_requests/records/"+s.help, apptest.JSON{"title": "Stew"})
	}, "200", "200", "account_suspended", banned},
	{"deletes a help request", func(s stage) apptest.Answer { return s.ana.Delete("/collections/help_requests/records/" + s.help) }, "204", "204", "204", banned},
	{"changes the profile", func(s stage) apptest.Answer {
		return s.ana.Patch("/collections/users/records/"+s.ana.ID, apptest.JSON{"bio": "New"})
	}, "200", "200", "account_suspended", banned},
	{"changes preferences", func(s stage) apptest.Answer {
		return s.ana.Put("/messaging/preferences", apptest.JSON{"read_receipts": false})
	}, "200", "200", "200", banned},
	{"looks at permissions", func(s stage) apptest.Answer { return s.ana.Get("/messaging/permissions?recipient_id=" + s.ben.ID) }, "200", "200", "200", banned},
	{"views a member", func(s stage) apptest.Answer { return s.ana.Get("/collections/users/records/" + s.ben.ID) }, "200", "200", "200", banned},
	{"sees the own standing", func(s stage) apptest.Answer { return s.ana.Get("/messaging/standing") }, "200", "200", "200", "200"},
	{"keeps the sign-in alive", func(s stage) apptest.Answer { return s.ana.Post("/collections/users/auth-refresh", nil) }, "200", "200", "200", "200"},
	{"signs in", func(s stage) apptest.Answer {
		return s.ben.World.Guest().Post("/collections/users/auth-with-password", byPassword)
	}, "200", "200", "200", "200"},
	{"signs in again while signed in", func(s stage) apptest.Answer { return s.ana.Post("/collections/users/auth-with-password", byPassword) }, "200", "200", "200", "200"},
}

var byPassword = apptest.JSON{"identity": "ana@example.org", "password": "correct horse battery"}

func TestWhatEachStandingMayDo(t *testing.T) {
	t.Parallel()
	for _, deed := range deeds {
		for _, standing := range []struct {
			name   string
			fields apptest.JSON
			want   string
		}{
			{"limited", apptest.JSON{"restriction_level": "limited"}, deed.limited},
			{"not to send", apptest.JSON{"can_send_messages": false}, deed.unsending},
			{"suspended", apptest.JSON{"restriction_level": "suspended"}, deed.suspended},
			{"banned", apptest.JSON{"restriction_level": "banned"}, deed.banned_},
		} {
			t.Run("who is "+standing.name+" "+deed.name, func(t *testing.T) {
				w, s := setting(t)
				w.Stands(s.ana, standing.fields)
				answer := deed.do(s)
				if standing.want[0] == '2' {
					if standing.want != strconv.Itoa(answer.Status) {
						t.Errorf("answered %d, want %s: %s", answer.Status, standing.want, answer.Raw)
					}
					return
				}
				answer.Refused(t, standing.want)
			})
		}
	}
}

func TestARestrictionWhoseTimeIsOverIsNone(t *testing.T) {
	w, s := setting(t)
	past := time.Now().Add(-time.Minute)
	for _, level := range []string{"limited", "suspended", "banned"} {
		w.Stands(s.ana, apptest.JSON{
			"restriction_level": level, "can_send_messages": false, "can_start_conversations": false,
			"message_limit_per_day": 1, "requires_pre_approval": true, "reason": "Over", "restricted_until": past,
		})
		if sent := write(s.ana, s.known, "Free again").Want(t, 201); sent.Number("message.seq") == 0 {
			t.Errorf("still held: %s", sent.Raw)
		}
		standing := s.ana.Get("/messaging/standing").Want(t, 200)
		if standing.Text("level") != "none" || standing.Text("reason") != "" || standing.At("until") != nil {
			t.Errorf("%s: %s", level, standing.Raw)
		}
	}
}

func TestStandingTellsWhatWhyAndUntilWhen(t *testing.T) {
	w := collective(t)
	ana := w.Member("Ana")
	free := ana.Get("/messaging/standing").Want(t, 200)
	for _, name := range []string{"level", "reason", "until", "restrictions", "appeal", "guidelines", "decisions"} {
		if _, there := free.Body[name]; !there {
			t.Errorf("%s is missing: %s", name, free.Raw)
		}
	}
	if len(free.Body) != 7 || free.Text("level") != "none" || free.At("until") != nil || free.At("appeal") != nil ||
		free.At("restrictions.can_send_messages") != true || free.At("restrictions.can_start_conversations") != true {
		t.Errorf("not free: %s", free.Raw)
	}
	until := time.Now().Add(48 * time.Hour)
	w.Stands(ana, apptest.JSON{"restriction_level": "suspended", "reason": "Insults", "restricted_until": until})
	suspended := ana.Get("/messaging/standing").Want(t, 200)
	if suspended.Text("level") != "suspended" || suspended.Text("reason") != "Insults" || suspended.Text("until")[:10] != until.UTC().Format(time.DateOnly) ||
		suspended.At("restrictions.can_send_messages") != false {
		t.Errorf("not told: %s", suspended.Raw)
	}
	w.Guest().Get("/messaging/standing").Want(t, 401)
	w.Superuser().Get("/messaging/standing").Want(t, 403)
}

func TestALimitedMemberSendsTenADay(t *testing.T) {
	w := collective(t)
	ana, ben := w.Member("Ana"), w.Member("Ben")
	id := ana.Meets(t, ben)
	w.Stands(ana, apptest.JSON{"restriction_level": "limited"})
	if told := ana.Get("/messaging/standing").Number("restrictions.message_limit_per_day"); told != 10 {
		t.Errorf("the standing tells of %d a day", told)
	}
	for range 9 {
		write(ana, id, "Hello").Want(t, 201)
	}
	tooFast(t, write(ana, id, "Once too often"), "daily_limit", 10)
	tooFast(t, start(ana, ben.ID), "daily_limit", 10)
	w.Stands(ana, apptest.JSON{"message_limit_per_day": 11})
	write(ana, id, "One more").Want(t, 201)
	tooFast(t, write(ana, id, "Once too often"), "daily_limit", 11)
}

func TestTheDashboardRefusesNumbersThatMeanNothing(t *testing.T) {
	w := collective(t)
	ana, operator := w.Member("Ana"), w.Superuser()
	settings := "/collections/messaging_settings/records/" + collections.SettingsID
	standing := "/collections/user_moderation/records/" +
		operator.Get("/collections/user_moderation/records?filter=user='"+ana.ID+"'").Want(t, 200).Text("items.0.id")
	for _, slip := range []struct {
		path, field string
		value       int
	}{
		{settings, "window_message_limit", 0},
		{settings, "window_seconds", 0},
		{settings, "streams_per_account", 0},
		{settings, "sign_ins_per_address", 0},
		{settings, "group_members", 1},
		{standing, "trust_score", 101},
		{standing, "trust_score", -1},
		{standing, "message_limit_per_day", -1},
	} {
		if answer := operator.Patch(slip.path, apptest.JSON{slip.field: slip.value}); answer.Status != 400 || answer.Text("data."+slip.field+".code") == "" {
			t.Errorf("%s of %d: %d %s", slip.field, slip.value, answer.Status, answer.Raw)
		}
	}
	operator.Patch(settings, apptest.JSON{"requests_per_day": 0, "retention_days": 0, "window_seconds": 1}).Want(t, 200)
	operator.Patch(standing, apptest.JSON{"trust_score": 100, "message_limit_per_day": 0}).Want(t, 200)
}
