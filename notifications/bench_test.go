package notifications_test

import (
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pocketbase/dbx"

	"carecollective/collections"
	"carecollective/internal/apptest"
	"carecollective/notifications"
	"carecollective/server"
)

// sinks are push services in this process: each takes 50 ms, and one in twenty says nothing.
type sinks struct{ taken atomic.Int64 }

// RoundTrip implements http.RoundTripper.
func (s *sinks) RoundTrip(r *http.Request) (*http.Response, error) {
	_, _ = io.Copy(io.Discard, r.Body)
	_ = r.Body.Close()
	if strings.HasPrefix(r.URL.Hostname(), "dead") {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	time.Sleep(50 * time.Millisecond)
	s.taken.Add(1)
	return &http.Response{StatusCode: http.StatusCreated, Body: http.NoBody, Header: http.Header{}, Request: r}, nil
}

// crowd is a collective in which 1,000 members have ten devices each, at 100 push services of which five are dead.
func crowd(t testing.TB, s *sinks) (w *apptest.World, members []string) {
	t.Helper()
	w = apptest.New(t, server.Config{Outward: &http.Client{Transport: s, Timeout: 15 * time.Second}})
	w.Settings(apptest.JSON{"push_hosts": ".hosts.example.com", "email_after_minutes": 10_000})
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	point, secret := base64.RawURLEncoding.EncodeToString(key.PublicKey().Bytes()), base64.RawURLEncoding.EncodeToString(make([]byte, 16))
	for i := range 1_000 {
		member := w.Member(fmt.Sprintf("Member%d", i))
		members = append(members, member.ID)
		for j := range 10 {
			host := fmt.Sprintf("live%d", (i*10+j)%100)
			if (i*10+j)%20 == 0 {
				host = fmt.Sprintf("dead%d", (i*10+j)%100)
			}
			d, err := collections.NewDevice(w.App)
			if err == nil {
				err = d.Take(w.App, member.ID, "test", map[string]string{
					"endpoint": fmt.Sprintf("https://%s.hosts.example.com/%d/%d", host, i, j), "p256dh": point, "auth": secret,
				})
			}
			if err == nil {
				err = w.App.SaveNoValidate(d)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	return w, members
}

// notifyAll makes a notification for each member due at each of their devices, all at once.
func notifyAll(t testing.TB, w *apptest.World, members []string) {
	t.Helper()
	for _, member := range members {
		n, err := collections.NewNotice(w.App, member, collections.NoticeReportResolved, nil, collections.Subject{})
		if err == nil {
			err = w.App.SaveNoValidate(n)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	fill(t, w, "event", "SELECT n.id FROM notifications n WHERE n.user = d.user")
}

// fill puts an entry into the outbox for every device.
func fill(t testing.TB, w *apptest.World, kind, notice string) {
	t.Helper()
	_, err := w.App.DB().NewQuery(`INSERT INTO notification_outbox
			(id, user, notification, kind, channel, target, lane, payload, version, attempts, due_at, expires_at, created_at)
		SELECT lower(hex(randomblob(7))) || '0', user, COALESCE((` + notice + `), ''), '` + kind + `', 'push', id, host, '', 1, 0,
			{:now}, '2036-01-01 00:00:00.000Z', {:now} FROM push_subscriptions d`).Bind(dbx.Params{"now": stampNow()}).Execute()
	if err != nil {
		t.Fatal(err)
	}
}

// BenchmarkTenThousandNotifications brings out all that can be brought out. It should take less than a minute and 128 MiB.
func BenchmarkTenThousandNotifications(b *testing.B) {
	for range b.N {
		b.StopTimer()
		s := &sinks{}
		w, members := crowd(b, s)
		runtime.GC()
		var before, during runtime.MemStats
		runtime.ReadMemStats(&before)
		b.StartTimer()
		notifyAll(b, w, members)
		most := uint64(0)
		for s.taken.Load() < 9_500 { // the rest are for the dead
			runtime.ReadMemStats(&during)
			most = max(most, during.HeapInuse)
			time.Sleep(100 * time.Millisecond)
		}
		b.ReportMetric(float64(most-min(before.HeapInuse, most))/(1<<20), "MiB")
	}
}

// BenchmarkSendingWithAFullOutbox sends in turns in two collectives, one with an empty outbox, and one with ten thousand
// entries that are being sent meanwhile, so that whatever else the machine does affects both alike. Of a hundred sends 95
// should take at most 1.1 times as long.
func BenchmarkSendingWithAFullOutbox(b *testing.B) {
	const rounds, each = 50, 20
	for range b.N {
		b.StopTimer()
		empty, full := newSenders(b), newSenders(b)
		notifyAll(b, full.world, full.members)
		full.send(each)
		empty.send(each)
		full.times, empty.times = nil, nil
		b.StartTimer()
		for range rounds {
			resume := notifications.Pause(full.world.Notifier)
			empty.send(each)
			resume()
			full.send(1) // what was held back by the pause goes out at once
			full.times = full.times[:len(full.times)-1]
			full.send(each)
		}
		var left int
		if err := full.world.App.DB().NewQuery("SELECT COUNT(*) FROM notification_outbox").Row(&left); err != nil || left < 1_000 {
			b.Fatalf("the outbox ran empty: %d, %v", left, err)
		}
		b.ReportMetric(float64(empty.at(95).Microseconds()), "µs-p95-empty")
		b.ReportMetric(float64(full.at(95).Microseconds()), "µs-p95-full")
		b.ReportMetric(float64(full.at(95))/float64(empty.at(95)), "times")
	}
}

// senders are a collective in which someone sends messages, and how long each took.
type senders struct {
	t            testing.TB
	world        *apptest.World
	members      []string
	ana          *apptest.Person
	conversation string
	times        []time.Duration
}

func newSenders(t testing.TB) *senders {
	t.Helper()
	w, members := crowd(t, &sinks{})
	ana, ben := w.Member("Ana"), w.Member("Ben")
	s := &senders{t: t, world: w, members: members, ana: ana, conversation: ana.Meets(t, ben)}
	w.Settings(apptest.JSON{"window_message_limit": 1_000_000, "established_after_days": 0})
	return s
}

func (s *senders) send(messages int) {
	s.t.Helper()
	for range messages {
		begun := time.Now()
		s.ana.Says(s.t, s.conversation, "Hello")
		s.times = append(s.times, time.Since(begun))
		time.Sleep(10 * time.Millisecond)
	}
}

// at is the time that so many of a hundred sends took at most.
func (s *senders) at(percent int) time.Duration {
	slices.Sort(s.times)
	return s.times[(len(s.times)-1)*percent/100]
}
