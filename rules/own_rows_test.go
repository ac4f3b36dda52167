package rules_test

import (
	"testing"
	"time"

	"carecollective/collections"
	"carecollective/internal/apptest"
	"carecollective/internal/store"
)

func TestAMemberMutesAndArchivesTheirOwnRowAlone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	row := path(collections.Participants) + "/" + h.rows[collections.Participants]
	before := h.ana.Get(row).Want(t, 200)
	until := store.Stamp(time.Now().Add(time.Hour))
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
	at := store.Stamp(time.Now())
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
	apptest.WantNames(t, given.At("preferences"), fieldsOf(preferenceNames))
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
