package notifications_test

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/pocketbase/dbx"

	"carecollective/internal/apptest"
	"carecollective/notifications"
	"carecollective/server"
)

// killed is the house as it is after it died and was started again.
func (h *house) killed() *house {
	h.t.Helper()
	notifications.Kill(h.Notifier)
	again := h.Restarted(server.Config{Outward: h.push.client()})
	return &house{World: again, push: h.push, ana: h.ana.In(again), ben: h.ben.In(again), conversation: h.conversation, t: h.t}
}

// shown are the notifications that a device shows: what came, by the tag that tells the same from another.
func shown(t *testing.T, d *device, least int) (ids map[string]bool) {
	t.Helper()
	ids, topics := map[string]bool{}, map[string]bool{}
	for range least {
		came := d.want(t)
		ids[came.Payload["id"]], topics[came.Topic] = true, true
	}
	if len(topics) != len(ids) {
		t.Errorf("%d notifications have %d topics", len(ids), len(topics))
	}
	return ids
}

func TestADeathAtAnyStepNeitherLosesNorDoublesANotification(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		die   func(h *house, phone *device) *house
		comes int // how often the message itself comes
	}{
		"before the message was looked at": {func(h *house, _ *device) *house {
			h.Settings(apptest.JSON{"notify_after_seconds": 3600})
			h.ana.Says(h.t, h.conversation, "Hello?")
			again := h.killed()
			again.Settings(apptest.JSON{"notify_after_seconds": 0})
			return again
		}, 1},
		"before it was sent": {func(h *house, phone *device) *house {
			phone.answers(answering(503))
			h.ana.Says(h.t, h.conversation, "Hello?")
			h.wantAttempt("push", "retried")
			phone.answers(nil)
			again := h.killed()
			again.retryNow()
			return again
		}, 1},
		"after it was sent and before that was recorded": {func(h *house, phone *device) *house {
			taken := make(chan struct{})
			phone.answers(func(_ http.ResponseWriter, r *http.Request) bool {
				phone.answers(nil) // the next one, of the server that starts again, is answered
				phone.got <- delivery{Payload: map[string]string{"id": "first"}, Topic: r.Header.Get("Topic")}
				close(taken)
				<-r.Context().Done()
				return true
			})
			h.ana.Says(h.t, h.conversation, "Hello?")
			<-taken
			first := phone.want(h.t)
			again := h.killed()
			second := phone.want(h.t)
			if first.Topic != second.Topic {
				h.t.Error("the same message came under another topic")
			}
			phone.got <- second
			return again
		}, 1},
		"after it was recorded": {func(h *house, _ *device) *house {
			h.ana.Says(h.t, h.conversation, "Hello?")
			h.wantAttempt("push", "sent")
			return h.killed()
		}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			h.t = t
			phone := h.push.device("phone")
			phone.subscribe(t, h.ben)
			again := c.die(h, phone)
			if ids := shown(t, phone, c.comes); len(ids) != 1 {
				t.Errorf("the device shows %v", ids)
			}
			again.wantAttempt("push", "sent")
			again.until("the outbox holds nothing for devices", func() bool {
				return again.count("SELECT COUNT(*) FROM notification_outbox WHERE channel = 'push'", nil) == 0
			})
			phone.none(t)
			if told := again.notices(again.ben); len(told) != 1 {
				t.Errorf("told in the app: %v", told)
			}
		})
	}
}

func TestAMailThatWasStoredBeforeADeathIsOneMail(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.ana.Says(t, h.conversation, "Hello?")
	h.settled()
	h.exec("CREATE TABLE before_death AS SELECT * FROM notification_outbox WHERE channel = 'email'")
	for attempt := range 2 {
		h.retryNow()
		h.until("the mail is stored", func() bool { return len(h.attempts("email")) == attempt+1 })
		files, err := filepath.Glob(filepath.Join(h.App.DataDir(), "outbox", "*.eml"))
		if err != nil || len(files) != 1 {
			t.Fatalf("after attempt %d the files are %v, %v", attempt+1, files, err)
		}
		if info, err := os.Stat(files[0]); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("the file is %v, %v", info, err)
		}
		if attempt == 0 {
			h.exec("UPDATE notification_marks SET mailed_seq = 0, mailed_at = ''")
			h.exec("INSERT INTO notification_outbox SELECT * FROM before_death", dbx.Params{})
		}
	}
	h.exec("DROP TABLE before_death")
}

func TestAServerThatStopsLetsWhatIsOnItsWayArrive(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	phone := h.push.device("phone")
	arrived, goOn := make(chan struct{}), make(chan struct{})
	phone.answers(func(http.ResponseWriter, *http.Request) bool {
		close(arrived)
		<-goOn
		return false
	})
	phone.subscribe(t, h.ben)
	h.ana.Says(t, h.conversation, "Hello?")
	<-arrived
	stopped := make(chan struct{})
	go func() { notifications.Stop(h.Notifier); close(stopped) }()
	close(goOn)
	<-stopped
	phone.want(t)
	if all := h.attempts("push"); len(all) != 1 || all[0].Outcome != "sent" {
		t.Errorf("the record says %v", all)
	}
}
