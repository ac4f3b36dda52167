package notifications_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/dbx"

	"carecollective/collections"
	"carecollective/internal/apptest"
	"carecollective/internal/store"
	"carecollective/notifications"
	"carecollective/notifications/egress"
)

func contains(text, part string) bool { return strings.Contains(text, part) }

func TestADeviceThatIsNoMoreIsForgottenAndMailsTakeOver(t *testing.T) {
	t.Parallel()
	for _, status := range []int{404, 410} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			h, server := newHouse(t), newMailServer(t)
			h.t = t
			h.mailsBy(server)
			h.Settings(apptest.JSON{"email_after_minutes": 1_000})
			h.ben.Put("/messaging/preferences", apptest.JSON{"email_notifications": false}).Want(t, 200)
			old, last := h.push.device("old"), h.push.device("last")
			old.answers(answering(status))
			old.subscribe(t, h.ben)
			last.subscribe(t, h.ben)
			h.ana.Says(t, h.conversation, "One")
			last.want(t)
			h.until("the old device is forgotten", func() bool {
				return len(h.ben.Get("/push/subscriptions").List("subscriptions")) == 1
			})
			server.none(t)
			h.readAll(h.ben)

			last.answers(answering(status))
			h.ana.Says(t, h.conversation, "Two")
			if l := server.want(t); !contains(l.Text, "A new message") {
				t.Errorf("the mail that takes over says %s", l.Text)
			}
			told := h.notices(h.ben)
			if len(told) != 2 || text(told[1], "type") != "channel_failed" || !contains(text(told[1], "body"), "e-mails") {
				t.Fatalf("told in the app: %v", told)
			}
			again := h.push.device("again")
			again.subscribe(t, h.ben)
			h.readAll(h.ben)
			h.Settings(apptest.JSON{"email_after_minutes": 0})
			h.ana.Says(t, h.conversation, "Three")
			again.want(t)
			server.none(t)
		})
	}
}

func TestWhatAPushServiceAnswersIsUnderstood(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer  func(http.ResponseWriter, *http.Request) bool
		outcome string
		least   time.Duration // until it is tried again
	}{
		"it has trouble": {answering(500), "retried", 5 * time.Second},
		"it is too much": {func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Retry-After", "3600")
			w.WriteHeader(429)
			return true
		}, "retried", 59 * time.Minute},
		"it is too much until a moment": {func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Retry-After", time.Now().Add(2*time.Hour).UTC().Format(http.TimeFormat))
			w.WriteHeader(429)
			return true
		}, "retried", 119 * time.Minute},
		"it breaks off": {func(http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) }, "retried", 5 * time.Second},
		"it sends us elsewhere": {func(w http.ResponseWriter, r *http.Request) bool {
			http.Redirect(w, r, "https://127.0.0.1/", http.StatusTemporaryRedirect)
			return true
		}, "failed", 0},
		"it does not know our key": {answering(401), "retried", 5 * time.Second},
		"it does not trust us":     {answering(403), "retried", 5 * time.Second},
		"it asks for patience": {func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Retry-After", "3600")
			w.WriteHeader(503)
			return true
		}, "retried", 59 * time.Minute},
		"it does not understand": {answering(400), "failed", 0},
		"it is too long":         {answering(413), "failed", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			h.t = t
			phone := h.push.device("phone")
			phone.answers(c.answer)
			phone.subscribe(t, h.ben)
			h.ana.Says(t, h.conversation, "Hello?")
			h.wantAttempt("push", c.outcome)
			waiting := h.count("SELECT COUNT(*) FROM notification_outbox WHERE channel = 'push' AND due_at >= {:least}",
				dbx.Params{"least": store.Stamp(time.Now().Add(c.least))})
			if (waiting == 1) != (c.outcome == "retried") {
				t.Errorf("%d entries wait long enough", waiting)
			}
		})
	}
}

func TestADeviceThatIsRefusedAgainAndAgainIsForgotten(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	phone := h.push.device("phone")
	phone.answers(answering(400))
	phone.subscribe(t, h.ben)
	for tries := 1; tries <= 3; tries++ {
		h.ana.Says(t, h.conversation, "Hello?")
		h.until("it was refused", func() bool { return len(h.attempts("push")) == tries })
		if left := len(h.ben.Get("/push/subscriptions").List("subscriptions")); (left == 0) != (tries == 3) {
			t.Fatalf("after %d refusals %d devices are left", tries, left)
		}
		h.readAll(h.ben)
	}
}

func TestMailsStandInForWhatTheDevicesWouldHaveTold(t *testing.T) {
	t.Parallel()
	for name, preferences := range map[string]apptest.JSON{
		"no push at all":           {"push_notifications": false},
		"nothing of messages":      {"notify": apptest.JSON{"message": apptest.JSON{"push": false}}},
		"nothing of either at all": {"push_notifications": false, "notify": apptest.JSON{"message": apptest.JSON{"push": false}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			h.t = t
			h.ben.Put("/messaging/preferences", apptest.JSON{"email_notifications": false}).Want(t, 200)
			h.ben.Put("/messaging/preferences", preferences).Want(t, 200)
			gone := h.push.device("gone")
			gone.answers(answering(410))
			gone.subscribe(t, h.ben)
			h.ben.Post("/push/test", nil).Want(t, 200)
			if left := h.ben.Get("/push/subscriptions").Want(t, 200).List("subscriptions"); len(left) != 0 {
				t.Fatalf("the device is still there: %v", left)
			}
			told := len(h.notices(h.ben))
			if want := preferences["push_notifications"] != false; (told == 1) != want {
				t.Errorf("told of the failure in the app: %d", told)
			}
			h.ana.Says(t, h.conversation, "Hello?")
			h.settled()
			if n := h.count("SELECT COUNT(*) FROM notification_outbox WHERE channel = 'email'", nil); n != 0 {
				t.Error("a mail waits that nobody wants")
			}
		})
	}
}

func TestANetworkThatLeadsAstrayCostsNobodyADevice(t *testing.T) {
	t.Parallel()
	h := newHouseThrough(t, &http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
		return nil, fmt.Errorf("dial: %w", egress.ErrForbidden) // as where a name leads to an address inside
	})})
	h.push.device("phone").subscribe(t, h.ben)
	for tries := 1; tries <= 4; tries++ {
		h.ana.Says(t, h.conversation, "Hello?")
		h.until("it was tried", func() bool { return len(h.attempts("push")) == tries })
		h.readAll(h.ben)
		h.freshLanes()
		h.exec("DELETE FROM notification_outbox")
	}
	if left := h.ben.Get("/push/subscriptions").Want(t, 200).List("subscriptions"); len(left) != 1 {
		t.Errorf("the devices are %v", left)
	}
}

func TestThereAreTenDevicesAMember(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for i := range 10 {
		h.push.device(fmt.Sprint(i)).subscribe(t, h.ben)
	}
	for name, add := range map[string]func() apptest.Answer{
		"by the route": func() apptest.Answer { return h.ben.Post("/push/subscriptions", h.push.device("more").subscription()) },
		"by the SDK": func() apptest.Answer {
			s := h.push.device("more").subscription()
			keys, _ := s["keys"].(apptest.JSON)
			return h.ben.Post("/collections/push_subscriptions/records", apptest.JSON{"endpoint": s["endpoint"], "p256dh": keys["p256dh"], "auth": keys["auth"]})
		},
	} {
		if refused := add(); refused.Status != 400 || refused.At("data.endpoint") == nil {
			t.Errorf("%s: answered %d %s", name, refused.Status, refused.Raw)
		}
	}
	h.push.mu.Lock()
	known := h.push.devices["/3"]
	h.push.mu.Unlock()
	h.ben.Post("/push/subscriptions", known.subscription()).Want(t, 200)
	h.push.device("hers").subscribe(t, h.ana)
}

func TestASignOutEverywhereAndANewPasswordForgetEveryDevice(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(h *house){
		"a sign-out everywhere": func(h *house) { h.ben.Delete("/me/sessions").Want(h.t, 204) },
		"a new password": func(h *house) {
			member := h.Row("users", h.ben.ID)
			member.SetPassword("another one that nobody knows")
			if err := h.App.Save(member); err != nil {
				h.t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			h.t = t
			phone, hers := h.push.device("phone"), h.push.device("hers")
			phone.subscribe(t, h.ben)
			hers.subscribe(t, h.ana)
			end(h)
			if left := h.count("SELECT COUNT(*) FROM push_subscriptions WHERE user = '"+h.ben.ID+"'", nil); left != 0 {
				t.Errorf("%d devices are left", left)
			}
			if left := h.count("SELECT COUNT(*) FROM push_subscriptions WHERE user = '"+h.ana.ID+"'", nil); left != 1 {
				t.Errorf("another member has %d devices left", left)
			}
		})
	}
}

func TestOneDeviceOfTwoMembersIsEachOnesOwn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	shared := h.push.device("shared")
	his, hers := shared.subscribe(t, h.ben), shared.subscribe(t, h.ana)
	h.ana.Delete("/push/subscriptions/"+his).Want(t, 404)
	h.ana.Delete("/push/subscriptions/"+hers).Want(t, 204)
	h.ana.Says(t, h.conversation, "Hello?")
	shared.want(t)
}

func TestATestTellsWhatBecameOfItAtEachDevice(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	fine, gone := h.push.device("fine"), h.push.device("gone")
	gone.answers(answering(410))
	first, second := fine.subscribe(t, h.ben), gone.subscribe(t, h.ben)
	h.quietNow(h.ben)
	answer := h.ben.Post("/push/test", nil).Want(t, 200)
	if answer.Text("devices.0.id") != first || answer.Text("devices.0.status") != "sent" || answer.Text("devices.1.id") != second ||
		answer.Text("devices.1.status") != "failed" || answer.Text("devices.1.error") != "the push service answered 410" {
		t.Errorf("the test says %s", answer.Raw)
	}
	if came := fine.want(t); came.Payload["type"] != "test" {
		t.Errorf("the device got %v", came.Payload)
	}
	for range 9 {
		h.ben.Post("/push/test", nil).Want(t, 200)
	}
	h.ben.Post("/push/test", nil).Refused(t, "rate_limited")
}

func TestAnotherKeyAsksEveryDeviceToSubscribeAgain(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	before := h.ben.Get("/push/key").Want(t, 200).Text("key")
	phone := h.push.device("phone")
	phone.subscribe(t, h.ben)
	if members, err := notifications.RotatePushKey(h.App, time.Now()); err != nil || members != 1 {
		t.Fatalf("rotate: %d, %v", members, err)
	}
	after := h.ben.Get("/push/key").Want(t, 200).Text("key")
	if before == after {
		t.Fatal("the key is the same")
	}
	if came := phone.want(t); came.Payload["type"] != "resubscribe" || came.Key != before {
		t.Errorf("the device was told %v under the key %s", came.Payload, came.Key)
	}
	h.until("the old device is forgotten", func() bool { return len(h.ben.Get("/push/subscriptions").List("subscriptions")) == 0 })
	if told := h.notices(h.ben); len(told) != 1 || text(told[0], "type") != "push_key_changed" {
		t.Errorf("told in the app: %v", told)
	}
	phone.subscribe(t, h.ben)
	h.ana.Says(t, h.conversation, "Hello?")
	if came := phone.want(t); came.Key != after {
		t.Error("the device is told under the old key")
	}
}

func TestTheKeysSurviveARestartAndLieNowhereReadable(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	key := h.ben.Get("/push/key").Want(t, 200).Text("key")
	phone := h.push.device("phone")
	phone.subscribe(t, h.ben)
	stored, err := collections.CurrentKey(h.App, collections.KeyPush)
	if err != nil {
		t.Fatal(err)
	}
	private, err := stored.Private(h.App)
	if err != nil || private == "" || contains(stored.Sealed, private) {
		t.Fatalf("the private key: %v", err)
	}
	again := h.Restarted()
	if now := h.ben.In(again).Get("/push/key").Want(t, 200).Text("key"); now != key {
		t.Error("a restart has made another key")
	}
	h.ben.Get("/collections/notification_keys/records").Want(t, 403)
	if seen := h.Superuser().Get("/collections/notification_keys/records").Want(t, 200); contains(seen.Raw, private) || !contains(seen.Raw, stored.Public) {
		t.Error("the dashboard shows the private key")
	}
}
