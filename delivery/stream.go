package delivery

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/subscriptions"
)

const (
	queueMessages = 256       // events that may wait for a reader
	queueBytes    = 256 << 10 // and their size
	heartbeat     = "heartbeat"
	resync        = "resync"
)

// stream is one open connection. It takes the place of PocketBase's own client: its queue is bounded and in order, and it
// is bound to the account that first subscribed on it.
type stream struct {
	*subscriptions.DefaultClient // ids, values and subscriptions

	address string
	opened  time.Time
	cancel  context.CancelFunc
	control *http.ResponseController

	mu      sync.Mutex
	account string
	queue   chan subscriptions.Message
	waiting []receipt // of each message in the queue, in its order
	bytes   int
	ended   bool
}

// receipt is what writing an event to a connection proves.
type receipt struct {
	conversation string
	seq          int
	bytes        int
}

func newStream(client *subscriptions.DefaultClient, address string, cancel context.CancelFunc, control *http.ResponseController) *stream {
	return &stream{
		DefaultClient: client, address: address, opened: time.Now(), cancel: cancel, control: control,
		queue: make(chan subscriptions.Message, queueMessages),
	}
}

// Channel is the queue that PocketBase's endpoint writes to the connection.
func (s *stream) Channel() chan subscriptions.Message { return s.queue }

// Subscriptions hides what we deliver ourselves from PocketBase's broadcast, which always asks by prefixes.
func (s *stream) Subscriptions(prefixes ...string) map[string]subscriptions.SubscriptionOptions {
	foreign := prefixes[:0:0]
	for _, prefix := range prefixes {
		if collection, _, _ := strings.Cut(strings.TrimSuffix(prefix, "?"), "/"); !delivered[collection] {
			foreign = append(foreign, prefix)
		}
	}
	if len(prefixes) > 0 && len(foreign) == 0 {
		return nil
	}
	return s.DefaultClient.Subscriptions(foreign...)
}

// Send queues a message of PocketBase or of an operator's own hook.
func (s *stream) Send(m subscriptions.Message) { s.push(m, receipt{}) }

// push queues an event. A reader who is too slow loses the queue and is told to catch up; one who has not subscribed to
// being told is cut off.
func (s *stream) push(m subscriptions.Message, r receipt) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return
	}
	r.bytes = len(m.Data)
	if len(s.queue) < cap(s.queue) && s.bytes+r.bytes <= queueBytes {
		s.add(m, r)
		return
	}
	s.drain()
	if s.HasSubscription(resync) {
		s.add(catchUp("too_slow"), receipt{})
		return
	}
	s.stop()
}

func (s *stream) add(m subscriptions.Message, r receipt) {
	s.queue <- m // there is room: only holders of the lock add
	s.waiting = append(s.waiting, r)
	s.bytes += r.bytes
}

func (s *stream) drain() {
	for {
		select {
		case <-s.queue:
			s.taken()
		default:
			return
		}
	}
}

// taken notes that the oldest message has left the queue.
func (s *stream) taken() receipt {
	if len(s.waiting) == 0 {
		return receipt{}
	}
	r := s.waiting[0]
	s.waiting = s.waiting[1:]
	s.bytes -= r.bytes
	return r
}

// written is what the message proves that was just written.
func (s *stream) written() receipt {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.taken()
}

// idle tells whether everything queued has been written.
func (s *stream) idle() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.waiting) == 0
}

// tell queues a resync for a reason, if the stream listens for it.
func (s *stream) tell(reason string) {
	if s.HasSubscription(resync) {
		s.push(catchUp(reason), receipt{})
	}
}

func catchUp(reason string) subscriptions.Message {
	data, _ := json.Marshal(map[string]string{"reason": reason}) // a map of texts always encodes
	return subscriptions.Message{Name: resync, Data: data}
}

// bind binds the stream to an account; false when it belongs to another one.
func (s *stream) bind(account string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.account == "" {
		s.account = account
	}
	return s.account == account
}

func (s *stream) owner() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.account
}

// end cuts the connection, also when its reader has stalled in the middle of a write.
func (s *stream) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stop()
}

func (s *stream) stop() {
	s.cancel()
	_ = s.control.SetWriteDeadline(time.Now()) // the connection may be gone already
}

// Discard is called when the connection has ended.
func (s *stream) Discard() {
	s.mu.Lock()
	if !s.ended {
		s.ended = true
		close(s.queue)
	}
	s.mu.Unlock()
	s.DefaultClient.Discard()
}

// IsDiscarded tells whether the connection has ended.
func (s *stream) IsDiscarded() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ended
}

// auth is who reads, as PocketBase keeps it up to date.
func (s *stream) auth() *core.Record {
	record, _ := s.Get("auth").(*core.Record)
	return record
}
