package delivery

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/subscriptions"
)

const (
	behindBytes  = 1 << 20                // maximum waiting bytes for a reader who keeps reading
	stalledBytes = 64 << 10               // and for a stalled reader
	stalledAfter = 250 * time.Millisecond // is how long a write lasts until its reader counts as stalled
	eventBytes   = 100                    // that an event costs besides its data

	heartbeat = "heartbeat"
	resync    = "resync"
)

var errCut = errors.New("the stream has been ended")

// stream is one open connection. It replaces PocketBase's own client: its queue is bounded and in order, and it
// is bound to the account that first subscribed on it.
type stream struct {
	*subscriptions.DefaultClient // ids, values and subscriptions

	address string
	accepts string // the Accept-Language header of the request that opened it
	opened  time.Time
	control *http.ResponseController
	next    chan subscriptions.Message // what PocketBase's endpoint is to write next: the first of waiting
	foreign atomic.Bool                // something is subscribed that PocketBase delivers

	mu       sync.Mutex
	account  string
	waiting  []waiting // everything that has not been written, in order
	bytes    int       // that it holds
	handed   bool      // the first event is in next, or being written
	greeted  bool      // PocketBase's own greeting has been written, which does not come through the queue
	since    time.Time // when the current write started; zero between writes
	last     time.Time // when the last one ended
	leaving  bool      // the queue accepts nothing more
	stopped  bool      // the connection is to end
	finished bool      // next delivers nothing more
}

// waiting is an event in the queue, and what writing it will prove.
type waiting struct {
	subscriptions.Message
	proof place
	seq   int
}

func (w waiting) size() int { return len(w.Data) + eventBytes }

func newStream(client *subscriptions.DefaultClient, address string, control *http.ResponseController) *stream {
	now := time.Now()
	return &stream{
		DefaultClient: client, address: address, opened: now, last: now, control: control,
		next: make(chan subscriptions.Message, 1),
	}
}

// Channel is the channel from which PocketBase's endpoint reads the events that it writes to the connection.
func (s *stream) Channel() chan subscriptions.Message { return s.next }

// Subscribe adds topics.
func (s *stream) Subscribe(topics ...string) {
	s.DefaultClient.Subscribe(topics...)
	for _, topic := range topics {
		if !ownTopic(topic) {
			s.foreign.Store(true)
		}
	}
}

// Unsubscribe removes topics, or all if none is named.
func (s *stream) Unsubscribe(topics ...string) {
	s.DefaultClient.Unsubscribe(topics...)
	if len(topics) == 0 {
		s.foreign.Store(false)
	}
}

// ownTopic reports whether this package delivers the events of a topic.
func ownTopic(topic string) bool {
	name, _, _ := strings.Cut(topic, "?")
	collection, _, _ := strings.Cut(name, "/")
	return delivered[collection] || name == resync || collection == strings.TrimSuffix(typingTopic, "/")
}

// Subscriptions hides what we deliver ourselves from PocketBase's broadcast, which asks every client by prefixes.
func (s *stream) Subscriptions(prefixes ...string) map[string]subscriptions.SubscriptionOptions {
	if len(prefixes) == 0 {
		return s.DefaultClient.Subscriptions()
	}
	if !s.foreign.Load() {
		return nil
	}
	foreign := prefixes[:0:0]
	for _, prefix := range prefixes {
		if !ownTopic(prefix) {
			foreign = append(foreign, prefix)
		}
	}
	if len(foreign) == 0 {
		return nil
	}
	return s.DefaultClient.Subscriptions(foreign...)
}

// wanting returns the stream's subscriptions to a record: to its whole collection, or to the record only.
func (s *stream) wanting(collection, id string) map[string]subscriptions.SubscriptionOptions {
	return s.DefaultClient.Subscriptions(collection+"/*?", collection+"/"+id+"?", collection+"?")
}

// Send queues a message of PocketBase or of an operator's own hook.
func (s *stream) Send(m subscriptions.Message) { s.push(waiting{Message: m}) }

// sendTo queues data for every subscription of the stream to a topic, whatever its options.
func (s *stream) sendTo(topic string, data []byte) {
	for name := range s.DefaultClient.Subscriptions(topic + "?") {
		s.Send(subscriptions.Message{Name: name, Data: data})
	}
}

// push queues an event. A reader who is too slow loses the queue and is told to catch up; one that has not subscribed to
// resync is disconnected.
func (s *stream) push(w waiting) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.leaving || s.stopped || s.finished {
		return
	}
	if !s.full(w.size()) {
		s.add(w)
	} else {
		s.missed("too_slow")
	}
}

// resync tells the reader to catch up: something did not reach the queue.
func (s *stream) resync(why string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.leaving && !s.stopped && !s.finished {
		s.missed(why)
	}
}

func (s *stream) missed(why string) {
	if !s.catchUp(why) {
		s.stop()
	}
}

// shutdown replaces the queue by a resync, and accepts nothing more.
func (s *stream) shutdown(why string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.stopped && !s.finished {
		s.catchUp(why)
	}
	s.leaving = true
}

// catchUp replaces the queue by a resync; false if the reader has not subscribed to resync.
func (s *stream) catchUp(why string) (told bool) {
	s.drop()
	data, _ := json.Marshal(map[string]string{"reason": why}) // a map of texts always encodes
	for name := range s.DefaultClient.Subscriptions(resync + "?") {
		s.add(waiting{Message: subscriptions.Message{Name: name, Data: data}})
		told = true
	}
	return told
}

// full reports whether the queue has no room for another event. A client that reads slowly is given time; one that reads nothing is not.
func (s *stream) full(size int) bool {
	limit := behindBytes
	if !s.since.IsZero() && time.Since(s.since) > stalledAfter {
		limit = stalledBytes
	}
	return len(s.waiting) > 0 && s.bytes+size > limit
}

func (s *stream) add(w waiting) {
	s.waiting = append(s.waiting, w)
	s.bytes += w.size()
	s.dequeue()
}

// dequeue passes the first event in the queue to the endpoint, unless it has it already.
func (s *stream) dequeue() {
	if !s.handed && len(s.waiting) > 0 {
		s.handed = true
		s.next <- s.waiting[0].Message // there is room: only one event is passed at a time
	}
}

// drop empties the queue, except for an event that is being written.
func (s *stream) drop() {
	select {
	case <-s.next:
		s.handed = false
	default:
	}
	kept := s.waiting[:0:0]
	s.bytes = 0
	if s.handed {
		kept = append(kept, s.waiting[0])
		s.bytes = kept[0].size()
	}
	s.waiting = kept
}

// begin gives the next write to the connection a deadline. queued reports whether it comes from the queue.
func (s *stream) begin(now time.Time) (queued bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return false, errCut
	}
	queued = s.greeted
	s.greeted = true
	s.since = now
	return queued, s.control.SetWriteDeadline(now.Add(writeTimeout))
}

// end records that a write has ended, and returns its queue entry. Between writes there is no deadline: with HTTP/2
// an expired deadline would end the stream.
func (s *stream) end(queued bool) (written waiting) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.since, s.last = time.Time{}, time.Now()
	if !s.stopped {
		_ = s.control.SetWriteDeadline(time.Time{}) // the connection may be gone already
	}
	if !queued || len(s.waiting) == 0 {
		return waiting{}
	}
	written = s.waiting[0]
	s.waiting[0] = waiting{}
	s.waiting = s.waiting[1:]
	s.bytes -= written.size()
	if s.handed = false; !s.finished {
		s.dequeue()
	}
	return written
}

// idle reports whether everything queued has been written.
func (s *stream) idle() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.waiting) == 0
}

// heartbeat writes a heartbeat to a connection on which nothing was written for a while, and ends one on which nobody
// has subscribed in time.
func (s *stream) heartbeat(now time.Time) {
	s.mu.Lock()
	quiet := len(s.waiting) == 0 && now.Sub(s.last) >= heartbeatGap
	if s.account == "" && now.Sub(s.opened) > unboundFor {
		s.stop()
	}
	s.mu.Unlock()
	if quiet {
		s.Send(subscriptions.Message{Name: heartbeat})
	}
}

// bind binds the stream to an account; false when it belongs to another one.
func (s *stream) bind(auth *core.Record) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.account == "" {
		s.account = auth.Id
		s.Set(apis.RealtimeClientAuthKey, auth) // before the stream is found by its account
	}
	return s.account == auth.Id
}

func (s *stream) owner() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.account
}

// cut ends the connection, even if its reader has stalled in the middle of a write.
func (s *stream) cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stop()
}

func (s *stream) stop() {
	s.stopped = true
	s.finish()
	_ = s.control.SetWriteDeadline(time.Now()) // the connection may be gone already
}

// finish ends the endpoint's loop, once.
func (s *stream) finish() {
	if !s.finished {
		s.finished = true
		close(s.next)
	}
}

// Discard is called when the connection has ended.
func (s *stream) Discard() {
	s.mu.Lock()
	s.finish()
	s.mu.Unlock()
	s.DefaultClient.Discard()
}

// IsDiscarded reports whether the connection has ended.
func (s *stream) IsDiscarded() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.finished
}

// auth returns the auth record of the reader, as PocketBase keeps it up to date; nil once they are signed out.
func (s *stream) auth() *core.Record {
	record, _ := s.Get(apis.RealtimeClientAuthKey).(*core.Record)
	return record
}
