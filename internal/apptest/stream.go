package apptest

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

// patience is how long a test waits for what must come; it is only ever used up by a failure.
const patience = 60 * time.Second

// Event is one event of a stream.
type Event struct {
	Name string // the topic, as subscribed
	Data JSON
	Raw  string
}

// Text finds a text in the event, as [Answer.Text] does.
func (e Event) Text(path string) string {
	text, _ := At(map[string]any(e.Data), path).(string)
	return text
}

// Stream is an open realtime connection.
type Stream struct {
	ClientID string
	Proto    string     // HTTP/1.1 or HTTP/2.0
	Events   chan Event // closed when the connection ends
	Close    context.CancelFunc
	person   *Person
}

// Listen opens a stream and subscribes to topics.
func (p *Person) Listen(topics ...string) *Stream {
	p.World.t.Helper()
	s := p.Connect()
	s.Subscribe(p, topics...).Want(p.World.t, http.StatusNoContent)
	return s
}

// Connect opens a stream without subscribing to anything.
func (p *Person) Connect() *Stream {
	p.World.t.Helper()
	ctx, cancel := context.WithCancel(p.World.t.Context())
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.World.URL+"/api/realtime", nil)
	if err != nil {
		p.World.t.Fatal(err)
	}
	if p.Accepts != "" {
		request.Header.Set("Accept-Language", p.Accepts)
	}
	response, err := p.World.do(request)
	if err != nil {
		p.World.t.Fatalf("connect: %v", err)
	}
	if response.StatusCode != http.StatusOK {
		p.World.t.Fatalf("connect: answered %d", response.StatusCode)
	}
	s := &Stream{Proto: response.Proto, Events: make(chan Event, 10_000), Close: cancel, person: p}
	go func() {
		defer close(s.Events)
		defer func() { _ = response.Body.Close() }() // it has ended
		read(bufio.NewReader(response.Body), s.Events)
	}()
	s.ClientID = s.Want("PB_CONNECT").Text("clientId")
	return s
}

// Subscribe asks, as member, for topics on the stream.
func (s *Stream) Subscribe(member *Person, topics ...string) Answer {
	s.person.World.t.Helper()
	return member.Post("/realtime", JSON{"clientId": s.ClientID, "subscriptions": topics})
}

// Want waits for the next event and fails the test unless it has that name.
func (s *Stream) Want(name string) Event {
	s.person.World.t.Helper()
	e, open := s.Next()
	if !open {
		s.person.World.t.Fatalf("the stream ended before an event %q", name)
	}
	if e.Name != name {
		s.person.World.t.Fatalf("got an event %q (%s), want %q", e.Name, e.Raw, name)
	}
	return e
}

// Next waits for the next event; false when the stream has ended.
func (s *Stream) Next() (Event, bool) {
	s.person.World.t.Helper()
	select {
	case e, open := <-s.Events:
		return e, open
	case <-time.After(patience):
		s.person.World.t.Fatal("no event came")
		return Event{}, false
	}
}

// Ended waits for the stream to end, and fails the test when it does not.
func (s *Stream) Ended() {
	s.person.World.t.Helper()
	for {
		if _, open := s.Next(); !open {
			return
		}
	}
}

// read parses server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html
func read(lines *bufio.Reader, events chan<- Event) {
	var e Event
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		switch {
		case line == "" && e.Name != "":
			_ = json.Unmarshal([]byte(e.Raw), &e.Data) // an event that is no object has no fields
			events <- e
			e = Event{}
		case strings.HasPrefix(line, "event:"):
			e.Name = strings.TrimSpace(strings.TrimPrefix(line, "event:"))
		case strings.HasPrefix(line, "data:"):
			e.Raw += strings.TrimPrefix(line, "data:")
		}
	}
}
