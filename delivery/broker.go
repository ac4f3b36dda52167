package delivery

import (
	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/subscriptions"

	"carecollective/internal/bind"
)

// PocketBase asks every client of its broker six times for each record that is saved: with thousands online that alone
// takes longer than all the rest of a message. So our streams are in a separate broker, and in PocketBase's only once
// they have subscribed to something that it delivers. Everything else that it does for its clients is done here.

// brokered is an app with our broker.
type brokered struct {
	core.App
	broker *subscriptions.Broker
}

// SubscriptionsBroker returns the broker in which the realtime endpoint stores and finds its streams.
func (a brokered) SubscriptionsBroker() *subscriptions.Broker { return a.broker }

func (l *Live) registerBroker(app core.App) {
	app.OnRecordAfterUpdateSuccess().Bind(bind.Handler("delivery.account.changed", l.refreshAuth))
	app.OnRecordAfterDeleteSuccess().Bind(bind.Handler("delivery.account.deleted", l.endDeleted))
	app.OnCollectionAfterUpdateSuccess().Bind(bind.Handler("delivery.accounts.changed", l.recheckTopics))
}

// useBroker makes the realtime endpoint find our streams.
func (l *Live) useBroker(e *core.RequestEvent) error {
	if e.Request.Pattern == "POST /api/realtime" {
		e.App = brokered{e.App, l.broker}
	}
	return e.Next()
}

// register also registers a stream with PocketBase's broker, for what PocketBase delivers.
func (l *Live) register(s *stream) {
	l.app.SubscriptionsBroker().Register(s)
	if s.IsDiscarded() { // it has ended meanwhile
		l.unregister(s)
	}
}

func isForeign(topic string) bool { return topic != "" && !ownTopic(topic) }

func (l *Live) unregister(s *stream) { l.app.SubscriptionsBroker().Unregister(s.Id()) }

// refreshAuth keeps the auth record of a stream up to date, and ends the stream after a sign-out everywhere.
func (l *Live) refreshAuth(e *core.RecordEvent) error {
	for _, s := range l.streamsOf(e.Record) {
		if auth := s.auth(); auth != nil && auth.TokenKey() == e.Record.TokenKey() {
			s.Set(apis.RealtimeClientAuthKey, e.Record)
		} else {
			s.cut()
		}
	}
	return e.Next()
}

// endDeleted ends the streams of a deleted account.
func (l *Live) endDeleted(e *core.RecordEvent) error {
	for _, s := range l.streamsOf(e.Record) {
		s.cut()
	}
	return e.Next()
}

// streamsOf lists the streams of the account that the record is, if it is one.
func (l *Live) streamsOf(record *core.Record) []*stream {
	if !record.Collection().IsAuth() {
		return nil
	}
	var own []*stream
	for _, s := range l.hub.of(record.Id) {
		if auth := s.auth(); auth != nil && auth.Collection().Id == record.Collection().Id {
			own = append(own, s)
		}
	}
	return own
}

// recheckTopics ends the streams of an auth collection if its sign-in rules have changed; clients that still may reconnect.
func (l *Live) recheckTopics(e *core.CollectionEvent) error {
	if e.Collection.IsAuth() {
		for _, s := range l.hub.list() {
			if auth := s.auth(); auth != nil && auth.Collection().Id == e.Collection.Id {
				s.cut()
			}
		}
	}
	return e.Next()
}
