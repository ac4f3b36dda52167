// Package delivery sends live events to online members, through PocketBase's realtime endpoint and its SDK:
// in order, to exactly those it is for. The code that writes announces who sees a change ([collections.Announce]); the cost of one
// depends on them and not on who else is online. The package knows who is connected, and nothing of who may write.
package delivery

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/subscriptions"

	"carecollective/collections"
	"carecollective/internal/background"
	"carecollective/internal/bind"
	"carecollective/internal/changes"
	"carecollective/internal/readcache"
	"carecollective/refusal"
)

const (
	writeTimeout = 10 * time.Second // for one event to reach a reader's connection
	unboundFor   = 30 * time.Second // within which a stream needs its first subscription
	heartbeatGap = 25 * time.Second // less than the idle timeout of common proxies
	maxStreamAge = 12 * time.Hour   // of one stream
)

// Live publishes to the streams that are open on this server.
type Live struct {
	app      core.App
	hub      *hub
	broker   *subscriptions.Broker
	pending  *backlog
	receipts *receipts
	marks    *watermarkThrottle
	typists  *typists
	waits    *waits
	watch    *watch
}

// Register binds delivery to the realtime endpoint of the app.
func Register(app core.App) *Live {
	l := &Live{
		app: app, hub: newHub(), broker: subscriptions.NewBroker(), pending: newBacklog(), receipts: newReceipts(app),
		marks: newWatermarkThrottle(), typists: newTypists(), waits: newWaits(),
	}
	l.watch = newWatch(app, l)
	app.OnRealtimeConnectRequest().Bind(bind.Handler("delivery.connect", l.connect))
	app.OnRealtimeSubscribeRequest().Bind(bind.Handler("delivery.subscribe", l.subscribe))
	app.OnRealtimeMessageSend().Bind(bind.Handler("delivery.write", l.write))
	app.OnRecordsListRequest(collections.Messages).Bind(bind.Handler("delivery.listed", l.listed))
	app.OnRecordViewRequest(collections.Messages).Bind(bind.Handler("delivery.viewed", l.viewed))
	app.OnServe().Bind(bind.Handler("delivery.routes", l.bindRoutes))
	background.Start(app, "delivery", background.Streams, l.start)
	l.registerBroker(app)
	return l
}

// connect replaces PocketBase's client by one of our streams.
func (l *Live) connect(e *core.RealtimeConnectRequestEvent) error {
	client, ok := e.Client.(*subscriptions.DefaultClient)
	if !ok { // an operator's hook has replaced it
		l.broker.Register(e.Client)
		defer l.broker.Unregister(e.Client.Id())
		return e.Next()
	}
	settings, err := readcache.Settings(e.App)
	if err != nil {
		return err
	}
	if err := shorten(e.Request); err != nil {
		return err
	}
	s := newStream(client, e.RealIP(), http.NewResponseController(e.Response))
	s.accepts = e.Request.Header.Get("Accept-Language")
	if limit := settings.Int("streams_per_address"); !l.hub.enter(s, limit) {
		return tooMany(limit)
	}
	defer l.hub.leave(s)
	defer l.unregister(s)
	e.App, e.Client, e.MaxTimeout = brokered{e.App, l.broker}, s, maxStreamAge
	return e.Next()
}

func tooMany(limit int) error {
	return refusal.TooFast(refusal.RateLimited, refusal.Quota{Limit: limit, Retry: time.Minute, Reset: time.Minute})
}

// subscribe binds a stream to the account that first subscribes on it, and checks the topics.
func (l *Live) subscribe(e *core.RealtimeSubscribeRequestEvent) error {
	s, ok := e.Client.(*stream)
	if !ok {
		return e.Next()
	}
	if e.Auth == nil {
		return refusal.Closed("Sign in before you subscribe.")
	}
	if !s.bind(e.Auth) {
		return refusal.Closed("This stream belongs to another account. Open a new one.")
	}
	s.noteSession(e.RequestEvent)
	settings, err := readcache.Settings(e.App)
	if err != nil {
		return err
	}
	if limit := settings.Int("streams_per_account"); !l.hub.claim(s, e.Auth.Id, limit) {
		return tooMany(limit)
	}
	if !e.HasSuperuserAuth() {
		if err := checkTopics(e.App, e.Auth.Id, e.Subscriptions); err != nil {
			return err
		}
	}
	if slices.ContainsFunc(e.Subscriptions, isForeign) {
		l.register(s)
	}
	return e.Next()
}

// write gives each event a deadline, and records what it proves to have been delivered.
func (l *Live) write(e *core.RealtimeMessageEvent) error {
	s, ok := e.Client.(*stream)
	if !ok {
		return e.Next()
	}
	queued, err := s.begin(time.Now())
	if err != nil {
		return err
	}
	if e.Message.Name == heartbeat && len(e.Message.Data) == 0 {
		err = beat(e)
	} else {
		err = e.Next()
	}
	if w := s.end(queued); err == nil && w.seq > 0 {
		l.receipts.delivered(w.proof, w.seq)
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

func (l *Live) bindRoutes(e *core.ServeEvent) error {
	keepConnections(e.Server)
	e.Router.Bind(bind.Handler("delivery.broker", l.useBroker))
	e.Router.GET("/api/realtime/probe", probe).Bind(apis.RequireAuth(collections.Users))
	changes.WatchChanges(e.App, l.pending.add)
	return e.Next()
}

// start runs what delivery does by itself.
func (l *Live) start(*core.ServeEvent) (stop func(), err error) {
	end := background.Go(l.deliverChanges, background.Every(sweepGap, func(context.Context) { l.safely(func() { l.sweep(time.Now()) }) }))
	return func() {
		l.shutdownStreams()
		end()
		l.receipts.store(time.Now())
	}, nil
}

// resyncAll tells every stream to catch up, and disconnects those that have not subscribed to resync.
func (l *Live) resyncAll(why string) {
	for _, s := range l.hub.list() {
		s.resync(why)
	}
	l.waits.wakeAll()
}

// shutdownStreams tells every stream to reconnect, and waits briefly until that is written.
func (l *Live) shutdownStreams() {
	l.waits.end()
	streams := l.hub.close()
	for _, s := range streams {
		s.shutdown("shutdown")
	}
	deadline := time.Now().Add(time.Second)
	for _, s := range streams {
		for !s.idle() && time.Now().Before(deadline) {
			time.Sleep(5 * time.Millisecond)
		}
		s.cut()
	}
}
