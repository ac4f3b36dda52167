package delivery

import (
	"strings"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/messaging"
	"carecollective/refusal"
)

// delivered are the collections whose events this package delivers, under every name that a topic may use.
var delivered = map[string]bool{
	collections.Messages: true, collections.Conversations: true,
	collections.Participants: true, collections.Notifications: true,
}

const (
	typingTopic = "typing/"
	connected   = "PB_CONNECT" // the SDK uses it to learn of each new connection, and every stream begins with it
)

// checkTopics refuses the whole request when one of its topics is not for the member: a collection that is not
// delivered, or the typing of a conversation that is not theirs.
func checkTopics(app core.App, member string, topics []string) error {
	for _, topic := range topics {
		name, _, _ := strings.Cut(topic, "?")
		if name == "" {
			continue
		}
		open, err := isOpen(app, member, name)
		if err != nil {
			return err
		}
		if !open {
			return refusal.Closed("This topic is closed. Subscribe to messages, conversations, conversation_participants, notifications, typing of your own conversations, or resync.")
		}
	}
	return nil
}

func isOpen(app core.App, member, topic string) (bool, error) {
	if topic == resync || topic == connected {
		return true, nil
	}
	if conversation, ok := strings.CutPrefix(topic, typingTopic); ok {
		p, err := collections.FindParticipant(app, conversation, member)
		return p.Sees(), err
	}
	collection, id, _ := strings.Cut(topic, "/")
	switch {
	case !delivered[collection]:
		return isOperatorsOwn(app, collection), nil
	case id == "" || id == "*":
		return true, nil
	}
	return messaging.SeesRecord(app, member, collection, id)
}

// isOperatorsOwn reports whether the operator created a collection: PocketBase's rules decide who gets its events.
func isOperatorsOwn(app core.App, name string) bool {
	c, err := app.FindCachedCollectionByNameOrId(name)
	if err != nil || c.System {
		return false
	}
	for _, ours := range collections.All() {
		if c.Name == ours {
			return false
		}
	}
	return true
}
