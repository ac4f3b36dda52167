package delivery

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/tools/subscriptions"

	"carecollective/collections"
	"carecollective/internal/changes"
)

// wire is the connection of a stream, as far as deadlines go.
type wire struct {
	*httptest.ResponseRecorder
	deadlines []time.Time
}

func (w *wire) SetWriteDeadline(at time.Time) error {
	w.deadlines = append(w.deadlines, at)
	return nil
}

func opened(t *testing.T, topics ...string) (*stream, *wire) {
	t.Helper()
	w := &wire{ResponseRecorder: httptest.NewRecorder()}
	s := newStream(subscriptions.NewDefaultClient(), "127.0.0.1", http.NewResponseController(w))
	s.Subscribe(topics...)
	if queued, err := s.begin(time.Now()); queued || err != nil {
		t.Fatalf("the greeting is of the queue: %v, %v", queued, err)
	}
	s.end(false)
	return s, w
}

func text(n, size int) waiting {
	return waiting{
		Message: subscriptions.Message{Name: "messages/*", Data: []byte(strings.Repeat("x", size))},
		proof:   place{"ana", "talk"}, seq: n,
	}
}

// take writes the next event as PocketBase's endpoint does, and says what it proves.
func take(t *testing.T, s *stream) (name string, seq int) {
	t.Helper()
	select {
	case m := <-s.Channel():
		queued, err := s.begin(time.Now())
		if err != nil {
			t.Fatal(err)
		}
		return m.Name, s.end(queued).seq
	default:
		t.Fatal("nothing is there to be written")
		return "", 0
	}
}

func TestEventsAreWrittenInTheOrderInWhichTheyCame(t *testing.T) {
	t.Parallel()
	s, _ := opened(t)
	for i := range 1000 {
		s.push(text(i+1, 10))
	}
	for i := range 1000 {
		if _, seq := take(t, s); seq != i+1 {
			t.Fatalf("event %d proves %d", i+1, seq)
		}
	}
	if !s.idle() || s.bytes != 0 {
		t.Errorf("%d bytes are left", s.bytes)
	}
}

func TestAReaderWhoIsTooSlowIsToldToCatchUp(t *testing.T) {
	t.Parallel()
	s, _ := opened(t, "messages/*", "resync")
	s.push(text(1, 1000))
	<-s.Channel() // and it is being written
	if _, err := s.begin(time.Now().Add(-time.Minute)); err != nil {
		t.Fatal(err)
	}
	n := 1
	for ; s.bytes+1000+eventBytes <= stalledBytes; n++ {
		s.push(text(n+1, 1000))
	}
	s.push(text(n+1, 1000)) // the one too many
	s.push(text(n+2, 1000))
	if written := s.end(true); written.seq != 1 {
		t.Errorf("what was being written proves %d", written.seq)
	}
	if name, seq := take(t, s); name != "resync" || seq != 0 {
		t.Errorf("then comes %s, which proves %d", name, seq)
	}
	if _, seq := take(t, s); seq != n+2 {
		t.Errorf("then comes %d, not what came after it", seq)
	}
	if !s.idle() || s.IsDiscarded() {
		t.Error("there is more, or the stream has ended")
	}
}

func TestAReaderWhoIsTooSlowAndWantsNoResyncIsCutOff(t *testing.T) {
	t.Parallel()
	s, _ := opened(t, "messages/*")
	for !s.IsDiscarded() {
		if s.push(text(1, 10_000)); s.bytes > behindBytes {
			t.Fatalf("%d bytes wait", s.bytes)
		}
	}
	if _, err := s.begin(time.Now()); err == nil {
		t.Error("something is still written")
	}
}

func TestAReaderWhoTakesWhatComesMayBeFurtherBehind(t *testing.T) {
	t.Parallel()
	s, _ := opened(t, "messages/*")
	for i := 0; s.bytes < 4*stalledBytes; i++ {
		s.push(text(i+1, 1000))
	}
	for i := 0; !s.idle(); i++ {
		if _, seq := take(t, s); seq != i+1 {
			t.Fatalf("event %d proves %d", i+1, seq)
		}
	}
	if s.IsDiscarded() {
		t.Error("the stream has ended")
	}
}

func TestOneEventIsNeverTooMuch(t *testing.T) {
	t.Parallel()
	s, _ := opened(t, "messages/*")
	s.push(text(1, 2*behindBytes))
	if _, seq := take(t, s); seq != 1 || s.IsDiscarded() {
		t.Errorf("a large event proves %d", seq)
	}
}

func TestADeadlineStandsOnlyWhileSomethingIsWritten(t *testing.T) {
	t.Parallel()
	s, w := opened(t)
	s.push(text(1, 10))
	take(t, s)
	if n := len(w.deadlines); n != 4 || w.deadlines[n-2].IsZero() || !w.deadlines[n-1].IsZero() {
		t.Errorf("the deadlines are %v", w.deadlines)
	}
	s.cut()
	if last := w.deadlines[len(w.deadlines)-1]; last.IsZero() || time.Until(last) > 0 {
		t.Errorf("a stream that is cut has until %v", last)
	}
}

func TestPocketBaseBroadcastsNothingOfOurs(t *testing.T) {
	t.Parallel()
	s, _ := opened(t, "messages/*", "conversations/abc", "typing/abc", "resync")
	if got := s.Subscriptions("messages/*?", "messages/abc?", "pbc_1/*?"); len(got) != 0 {
		t.Errorf("it finds %v", got)
	}
	s.Subscribe("events/*")
	if got := s.Subscriptions("events/*?"); len(got) != 1 {
		t.Errorf("of an operator's own it finds %v", got)
	}
	if got := s.Subscriptions("messages/*?"); len(got) != 0 {
		t.Errorf("it finds %v", got)
	}
	if got := s.Subscriptions(); len(got) != 5 {
		t.Errorf("all are %v", got)
	}
	s.Unsubscribe()
	s.Subscribe("messages/*")
	if s.foreign.Load() {
		t.Error("it looks for what is not there any more")
	}
}

func TestOthersHearOfAWatermarkOnceASecond(t *testing.T) {
	t.Parallel()
	m := newWatermarkThrottle()
	start := time.Now()
	at := func(ms int) time.Time { return start.Add(time.Duration(ms) * time.Millisecond) }
	change := func(id, to string) changes.Change {
		return changes.Change{Collection: collections.Participants, Action: changes.ActionUpdate, ID: id, For: []string{to}}
	}
	if !m.pass(change("ben", "ana"), at(0)) || !m.pass(change("cleo", "ana"), at(0)) {
		t.Error("the first of each member is held back")
	}
	if m.pass(change("ben", "dan"), at(100)) || m.pass(change("ben", "eve"), at(900)) {
		t.Error("the next comes within the second")
	}
	if due := m.due(at(999)); len(due) != 0 {
		t.Errorf("due too early: %v", due)
	}
	due := m.due(at(1000))
	if len(due) != 1 || due[0].ID != "ben" || fmt.Sprint(due[0].For) != "[eve]" {
		t.Errorf("due is %v, want the last of ben's", due)
	}
	if !m.pass(due[0], at(1010)) || m.pass(change("ben", "ana"), at(1500)) {
		t.Error("what was held back does not count")
	}
	if !m.pass(change("ben", "ana"), at(2010)) {
		t.Error("a second later it is held back")
	}
	m.due(at(5000))
	if len(m.told) != 0 || len(m.held) != 0 {
		t.Errorf("it keeps %v and %v", m.told, m.held)
	}
}
