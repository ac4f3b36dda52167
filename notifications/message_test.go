package notifications_test

import (
	"strings"
	"testing"

	"carecollective/internal/apptest"
)

func TestAnUnreadMessageIsToldOnceToEachDevice(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	phone, laptop := h.push.device("phone"), h.push.device("laptop")
	phone.subscribe(t, h.ben)
	laptop.subscribe(t, h.ben)
	h.ana.Says(t, h.conversation, "Are you at home?")
	first, second := phone.want(t), laptop.want(t)
	told := h.notices(h.ben)
	if len(told) != 1 || text(told[0], "type") != "message" || text(told[0], "conversation") != h.conversation || text(told[0], "message") == "" {
		t.Fatalf("told in the app: %v", told)
	}
	for _, came := range []delivery{first, second} {
		if len(came.Payload) != 2 || came.Payload["type"] != "message" || came.Payload["id"] != text(told[0], "id") {
			t.Errorf("a device was told %v", came.Payload)
		}
	}
	if said := text(told[0], "title") + text(told[0], "body"); strings.Contains(said, "home") || strings.Contains(said, "Ana") {
		t.Errorf("the app says %q", said)
	}
	h.until("it is on record when the devices were reached", func() bool {
		devices := h.ben.Get("/push/subscriptions").Want(t, 200)
		return devices.Text("subscriptions.0.last_success_at") != "" && devices.Text("subscriptions.1.last_success_at") != ""
	})
	if h.ana.Get("/collections/notifications/records").Want(t, 200).Number("totalItems") > 1 {
		t.Error("the sender was told")
	}
}

func TestAllPushMessagesHaveOneLength(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	phone := h.push.device("phone")
	phone.subscribe(t, h.ben)
	h.ana.Says(t, h.conversation, "Short")
	lengths := map[int]bool{phone.want(t).Length: true}
	h.readAll(h.ben)
	h.Prefers(h.ben, apptest.JSON{"show_text": true})
	h.ana.Says(t, h.conversation, strings.Repeat("a very \"long\" text ☂ ", 45))
	long := phone.want(t)
	lengths[long.Length] = true
	if long.Payload["name"] != "Ana" || !strings.HasPrefix(long.Payload["text"], "a very \"long\"") {
		t.Errorf("who chose to read texts got %v", long.Payload)
	}
	if len(lengths) != 1 {
		t.Errorf("the lengths are %v", lengths)
	}
}

func TestWhatIsReadInALiveThreadIsNotTold(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	phone := h.push.device("phone")
	phone.subscribe(t, h.ben)
	h.Settings(apptest.JSON{"notify_after_seconds": 3600})
	id := h.ana.Says(t, h.conversation, "Here?")
	h.ben.Put("/messages/"+id+"/read", nil).Want(t, 200)
	h.Settings(apptest.JSON{"notify_after_seconds": 0})
	h.settled()
	if told := h.notices(h.ben); len(told) != 0 {
		t.Errorf("told in the app: %v", told)
	}
	phone.none(t)
}

func TestSeveralMessagesOfOneConversationAreOneNotification(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	hears := h.ben.Listen("notifications/*")
	h.ana.Says(t, h.conversation, "One")
	created := hears.Want("notifications/*")
	h.ana.Says(t, h.conversation, "Two")
	newest := h.ana.Says(t, h.conversation, "Three")
	h.until("the notification tells of three", func() bool {
		told := h.notices(h.ben)
		return len(told) == 1 && apptest.At(told[0], "count") == 3.0 && text(told[0], "message") == newest
	})
	if created.Text("action") != "create" || created.Text("record.title") != "A new message" {
		t.Errorf("the first event is %s", created.Raw)
	}
	if updated := hears.Want("notifications/*"); updated.Text("action") != "update" || updated.Text("record.id") != created.Text("record.id") {
		t.Errorf("the second event is %s", updated.Raw)
	}
	h.readAll(h.ben)
	if told := h.notices(h.ben); len(told) != 0 {
		t.Errorf("after reading the conversation: %v", told)
	}
}

func TestWhoHasBeenAwayForLongIsToldHowManyMessagesThereAre(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.Settings(apptest.JSON{"window_message_limit": 1_000, "daily_message_limit": 1_000, "notify_after_seconds": 3_600})
	for range 230 {
		h.ana.Says(t, h.conversation, "Are you there?")
	}
	h.Settings(apptest.JSON{"notify_after_seconds": 0})
	h.until("all are counted", func() bool {
		told := h.notices(h.ben)
		return len(told) == 1 && apptest.At(told[0], "count") == 230.0
	})
}

func TestARequestAndItsAcceptanceAreTold(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	cleo := h.Member("Cleo")
	asked := h.ana.Asks(t, cleo, "May I?")
	h.until("Cleo is told of a request", func() bool {
		told := h.notices(cleo)
		return len(told) == 1 && text(told[0], "type") == "request"
	})
	cleo.Post("/conversations/"+asked+"/accept", nil).Want(t, 200)
	if told := h.notices(cleo); len(told) != 0 {
		t.Errorf("after accepting: %v", told)
	}
	told := h.notices(h.ana)
	if len(told) != 1 || text(told[0], "type") != "request_accepted" || text(told[0], "conversation") != asked {
		t.Errorf("whoever asked was told %v", told)
	}
}

func TestNothingIsToldAcrossABlockOrByMutedAndArchivedConversations(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(*house){
		"blocked": func(h *house) { h.ben.Post("/conversations/"+h.conversation+"/block", nil).Want(h.t, 200) },
		"muted": func(h *house) {
			h.ben.Post("/conversations/"+h.conversation+"/mute", apptest.JSON{"for": "hour"}).Want(h.t, 200)
		},
		"archived": func(h *house) {
			h.ben.Patch("/collections/conversation_participants/records/"+h.Place(h.conversation, h.ben).Id, apptest.JSON{"archived": true}).Want(h.t, 200)
		},
		"banned": func(h *house) { h.Stands(h.ben, apptest.JSON{"restriction_level": "banned"}) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			h.t = t
			phone := h.push.device("phone")
			phone.subscribe(t, h.ben)
			prepare(h)
			h.ana.Says(t, h.conversation, "Hello?")
			h.settled()
			if n := h.count("SELECT COUNT(*) FROM notifications WHERE read_at = ''", nil); n != 0 {
				t.Errorf("%d notifications", n)
			}
			if n := h.count("SELECT COUNT(*) FROM notification_outbox", nil); n != 0 {
				t.Errorf("%d entries in the outbox", n)
			}
			phone.none(t)
		})
	}
}

func TestWhatHasChangedMeanwhileIsNotSent(t *testing.T) {
	t.Parallel()
	for name, meanwhile := range map[string]func(h *house, message string){
		"read":            func(h *house, m string) { h.ben.Put("/messages/"+m+"/read", nil).Want(h.t, 200) },
		"read in the app": func(h *house, _ string) { h.ben.Post("/notifications/read", nil).Want(h.t, 204) },
		"deleted":         func(h *house, m string) { h.ana.Delete("/collections/messages/records/"+m).Want(h.t, 204) },
		"hidden": func(h *house, m string) {
			h.Change("messages", m, apptest.JSON{"moderation_status": "hidden"})
		},
		"blocked": func(h *house, _ string) { h.ben.Post("/conversations/"+h.conversation+"/block", nil).Want(h.t, 200) },
		"muted": func(h *house, _ string) {
			h.ben.Post("/conversations/"+h.conversation+"/mute", apptest.JSON{"for": "forever"}).Want(h.t, 200)
		},
		"left":   func(h *house, _ string) { h.ben.Post("/conversations/"+h.conversation+"/leave", nil).Want(h.t, 200) },
		"closed": func(h *house, _ string) { h.ana.Post("/conversations/"+h.conversation+"/close", nil).Want(h.t, 200) },
		"switched off": func(h *house, _ string) {
			h.ben.Put("/messaging/preferences", apptest.JSON{"push_notifications": false}).Want(h.t, 200)
		},
		"not wanted": func(h *house, _ string) {
			h.ben.Put("/messaging/preferences", apptest.JSON{"notify": apptest.JSON{"message": apptest.JSON{"push": false}}}).Want(h.t, 200)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			h.t = t
			phone := h.push.device("phone")
			phone.answers(answering(503))
			phone.subscribe(t, h.ben)
			message := h.ana.Says(t, h.conversation, "Hello?")
			h.wantAttempt("push", "retried")
			meanwhile(h, message)
			h.freshLanes()
			h.retryNow()
			h.wantAttempt("push", "dropped")
			phone.none(t)
		})
	}
}
