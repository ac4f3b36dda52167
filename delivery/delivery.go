// Package delivery brings what happens to the members who are online, through PocketBase's realtime endpoint. It knows
// who is connected and nothing of who may write to whom.
package delivery

import (
	"encoding/json"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/subscriptions"
)

// Live publishes to the streams that are open on this server.
type Live struct{ app core.App }

// Register makes the publisher of the app.
func Register(app core.App) *Live { return &Live{app} }

// Typing tells the members in recipients that user is typing in a conversation, or has stopped.
func (l *Live) Typing(conversation, user string, recipients []string, isTyping bool) {
	data, err := json.Marshal(map[string]any{"user": user, "is_typing": isTyping})
	if err != nil {
		l.app.Logger().Error("Failed to write a typing event", "error", err)
		return
	}
	wanted := map[string]bool{}
	for _, id := range recipients {
		wanted[id] = true
	}
	topic := "typing/" + conversation
	for _, client := range l.app.SubscriptionsBroker().Clients() {
		auth, _ := client.Get(apis.RealtimeClientAuthKey).(*core.Record)
		if auth != nil && wanted[auth.Id] && client.HasSubscription(topic) {
			client.Send(subscriptions.Message{Name: topic, Data: data})
		}
	}
}
