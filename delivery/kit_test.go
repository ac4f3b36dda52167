package delivery_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"carecollective/delivery"
	"carecollective/internal/apptest"
	"carecollective/server"
)

// world is a collective whose limits are out of the way.
func world(t *testing.T) *apptest.World {
	t.Helper()
	w := apptest.New(t, server.Config{})
	w.Settings(apptest.JSON{
		"window_message_limit": 100_000, "daily_message_limit": 100_000, "requests_per_day": 1000,
		"streams_per_address": 10_000, "streams_per_account": 1000,
	})
	return w
}

// group makes a group of which all are members, and returns its id. Its first message is "Hello".
func group(t *testing.T, creator *apptest.Person, others ...*apptest.Person) string {
	t.Helper()
	id := invite(t, creator, others...)
	for _, other := range others {
		other.Post("/conversations/"+id+"/accept", nil).Want(t, 200)
	}
	return id
}

// invite makes a group that the others have not answered yet.
func invite(t *testing.T, creator *apptest.Person, others ...*apptest.Person) string {
	t.Helper()
	ids := make([]string, len(others))
	for i, other := range others {
		ids[i] = other.ID
		creator.World.Prefers(other, apptest.JSON{"can_receive_from": "anyone"})
	}
	started := creator.Post("/conversations", apptest.JSON{"participant_ids": ids, "title": "Us", "initial_message": "Hello"}).Want(t, 201)
	return started.Text("conversation.id")
}

// everything are the topics of all that a member may hear of.
var everything = []string{"messages/*", "conversations/*", "conversation_participants/*", "notifications/*"}

// ear is a stream that is asked what it has heard.
type ear struct {
	*apptest.Stream
	t     *testing.T
	fence func() string // makes something be heard, and returns what: the text of a message
	talk  string        // the conversation in which it is said
}

// listens opens a stream for everything, and for more topics. What it has heard is told by [ear.heard].
func listens(t *testing.T, who *apptest.Person, more ...string) *ear {
	t.Helper()
	n := 0
	herald := who.World.Member("Herald-" + who.ID)
	e := &ear{t: t, talk: herald.Meets(t, who)}
	e.Stream = who.Listen(slices.Concat(everything, more)...)
	e.fence = func() string {
		n++
		text := fmt.Sprint("fence ", n)
		herald.Says(t, e.talk, text)
		return text
	}
	e.heard() // what happened before
	return e
}

// heard lists what came since it was asked last, as "topic action", without what has to do with the asking. Receipts are
// stored first.
func (e *ear) heard() []string {
	e.t.Helper()
	var heard []string
	for _, event := range e.events() {
		heard = append(heard, strings.TrimSuffix(strings.TrimSuffix(event.Name, "/*")+" "+event.Text("action"), " "))
	}
	return heard
}

func (e *ear) events() (events []apptest.Event) {
	e.t.Helper()
	until := e.fence()
	for {
		event, open := e.Next()
		switch {
		case !open:
			e.t.Fatal("the stream has ended")
		case event.Text("record.content") == until:
			return events
		case event.Text("record.conversation") != e.talk && event.Text("record.id") != e.talk:
			events = append(events, event)
		}
	}
}

// wants fails the test unless exactly that was heard since it was asked last.
func (e *ear) wants(heard ...string) {
	e.t.Helper()
	if got := e.heard(); !slices.Equal(got, heard) {
		e.t.Errorf("heard %q, want %q", got, heard)
	}
}

// wire is a stream whose reader does with it what they like, also nothing.
type wire struct {
	net.Conn
	lines    *bufio.Reader
	clientID string
}

// wired opens a stream on a connection that takes little at a time, and subscribes to topics.
func wired(t *testing.T, who *apptest.Person, topics ...string) *wire {
	t.Helper()
	dialer := net.Dialer{Control: func(_, _ string, raw syscall.RawConn) error {
		var failed error
		err := raw.Control(func(fd uintptr) { failed = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 4096) })
		if err != nil {
			return err
		}
		return failed
	}}
	conn, err := dialer.DialContext(context.Background(), "tcp", strings.TrimPrefix(who.World.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if _, err := fmt.Fprint(conn, "GET /api/realtime HTTP/1.1\r\nHost: test\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	w := &wire{Conn: conn, lines: bufio.NewReaderSize(conn, 16)}
	line := w.until(t, `"clientId":"`)
	_, rest, _ := strings.Cut(line, `"clientId":"`)
	w.clientID, _, _ = strings.Cut(rest, `"`)
	if len(topics) > 0 {
		who.Post("/realtime", apptest.JSON{"clientId": w.clientID, "subscriptions": topics}).Want(t, http.StatusNoContent)
	}
	return w
}

// until reads on to the line that contains text.
func (w *wire) until(t *testing.T, text string) string {
	t.Helper()
	if err := w.SetReadDeadline(time.Now().Add(60 * time.Second)); err != nil {
		t.Fatal(err)
	}
	for {
		line, err := w.lines.ReadString('\n')
		if err != nil {
			t.Fatalf("read the stream until %q: %v", text, err)
		}
		if strings.Contains(line, text) {
			return line
		}
	}
}

// long is a text of about 15 KB, of which few fit into the buffers of a connection.
var long = strings.Repeat("👨‍👩‍👧‍👦", 600)

// flood lets a member talk until done.
func flood(t *testing.T, from *apptest.Person, conversation string, done func() bool) {
	t.Helper()
	for range 2000 {
		if done() {
			return
		}
		from.Says(t, conversation, long)
	}
	t.Fatal("it did not come to it")
}

// eventually waits for what must come by itself.
func eventually(t *testing.T, what string, come func() bool) {
	t.Helper()
	for deadline := time.Now().Add(60 * time.Second); !come(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("it does not come to it: %s", what)
		}
	}
}

// parallel runs the same for each of n, in parallel.
func parallel(n int, run func(i int)) {
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { run(i) })
	}
	all.Wait()
}

// receipts has what was delivered so far stored.
func receipts(w *apptest.World) { delivery.Sweep(w.Live, time.Now()) }
