// Package delivery brings what happens to the members who are online, through PocketBase's realtime endpoint and its SDK:
// in order, to exactly those it is for. Whoever writes says who sees a change ([collections.Announce]); the cost of one
// depends on them and not on who else is online. The package knows who is connected, and nothing of who may write.
package delivery

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"
	"github.com/pocketbase/pocketbase/tools/subscriptions"

	"carecollective/collections"
	"carecollective/refusal"
)

const (
	writeTimeout = 10 * time.Second // for one event to reach a reader's connection
	unboundFor   = 30 * time.Second // until somebody must have subscribed on a stream
	heartbeatGap = 25 * time.Second // less than what proxies take for dead
	longest      = 12 * time.Hour   // of one stream
)

// Live publishes to the streams that are open on this server.
type Live struct {
	app      core.App
	hub      *hub
	pending  *backlog
	receipts *receipts
}

// Register binds delivery to the realtime endpoint of the app.
func Register(app core.App) *Live {
	l := &Live{app: app, hub: newHub(), pending: newBacklog()}
	l.receipts = newReceipts(app)
	app.OnRealtimeConnectRequest().Bind(handler("delivery.connect", l.connect))
	app.OnRealtimeSubscribeRequest().Bind(handler("delivery.subscribe", l.subscribe))
	app.OnRealtimeMessageSend().Bind(handler("delivery.write", l.write))
	app.OnServe().Bind(handler("delivery.serve", l.serve))
	return l
}

func handler[T hook.Resolver](id string, run func(T) error) *hook.Handler[T] {
	return &hook.Handler[T]{Id: id, Func: run}
}

// connect puts a stream of ours in the place of PocketBase's client.
func (l *Live) connect(e *core.RealtimeConnectRequestEvent) error {
	client, ok := e.Client.(*subscriptions.DefaultClient)
	if !ok {
		return e.Next() // somebody's own hook has replaced it
	}
	settings, err := collections.LoadSettings(e.App)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(e.Request.Context())
	defer cancel()
	e.Request = e.Request.WithContext(ctx)
	s := newStream(client, e.RealIP(), cancel, http.NewResponseController(e.Response))
	if !l.hub.enter(s, settings.Int("streams_per_address")) {
		return refusal.TooFast(refusal.RateLimited, refusal.Quota{Limit: settings.Int("streams_per_address"), Retry: time.Minute, Reset: time.Minute})
	}
	defer l.hub.leave(s)
	e.Client, e.MaxTimeout = s, longest
	return e.Next()
}

// subscribe binds a stream to the account that first subscribes on it, and judges the topics.
func (l *Live) subscribe(e *core.RealtimeSubscribeRequestEvent) error {
	s, ok := e.Client.(*stream)
	if !ok {
		return e.Next()
	}
	if e.Auth == nil {
		return refusal.Closed("Sign in before you subscribe.")
	}
	if !s.bind(e.Auth.Id) {
		return refusal.Closed("This stream belongs to another account. Open one of your own.")
	}
	settings, err := collections.LoadSettings(e.App)
	if err != nil {
		return err
	}
	if limit := settings.Int("streams_per_account"); !l.hub.claim(s, e.Auth.Id, limit) {
		return refusal.TooFast(refusal.RateLimited, refusal.Quota{Limit: limit, Retry: time.Minute, Reset: time.Minute})
	}
	if !e.HasSuperuserAuth() {
		if err := checkTopics(e.App, e.Auth.Id, e.Subscriptions); err != nil {
			return err
		}
	}
	return e.Next()
}

// write gives each event a deadline, and notes what it proves to have been delivered.
func (l *Live) write(e *core.RealtimeMessageEvent) error {
	s, ok := e.Client.(*stream)
	if !ok {
		return e.Next()
	}
	if err := s.control.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return err
	}
	if e.Message.Name == heartbeat {
		s.written()
		return beat(e)
	}
	err := e.Next()
	if e.Message.Name == "PB_CONNECT" {
		return err
	}
	if r := s.written(); err == nil && r.seq > 0 {
		l.receipts.delivered(s.owner(), r.conversation, r.seq)
	}
	return err
}

// beat writes a comment, which readers of a stream skip.
func beat(e *core.RealtimeMessageEvent) error {
	if _, err := e.Response.Write([]byte(":\n\n")); err != nil {
		return err
	}
	return e.Flush()
}

// serve runs what delivery does by itself, until the server stops.
func (l *Live) serve(e *core.ServeEvent) error {
	collections.WatchChanges(e.App, l.pending.add)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		l.run(ctx)
	}()
	e.App.OnTerminate().Bind(&hook.Handler[*core.TerminateEvent]{Id: "delivery.terminate", Priority: -10_000, Func: func(t *core.TerminateEvent) error {
		l.farewell()
		stop()
		<-done
		return t.Next()
	}})
	return e.Next()
}

// farewell tells every stream to come back, and waits a moment for it to be written.
func (l *Live) farewell() {
	streams := l.hub.list()
	for _, s := range streams {
		s.tell("shutdown")
	}
	deadline := time.Now().Add(time.Second)
	for _, s := range streams {
		for !s.idle() && time.Now().Before(deadline) {
			time.Sleep(5 * time.Millisecond)
		}
		s.end()
	}
}

// Typing tells the members in recipients that user is typing in a conversation, or has stopped.
func (l *Live) Typing(conversation, user string, recipients []string, isTyping bool) {
	data, err := json.Marshal(map[string]any{"user": user, "is_typing": isTyping})
	if err != nil {
		l.app.Logger().Error("Failed to write a typing event", "error", err)
		return
	}
	topic := typingTopic + conversation
	for _, recipient := range recipients {
		for _, s := range l.hub.of(recipient) {
			if s.HasSubscription(topic) {
				s.push(subscriptions.Message{Name: topic, Data: data}, receipt{})
			}
		}
	}
}
