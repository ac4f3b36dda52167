package collections

import (
	"fmt"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/vault"
)

// Everything sealed under one key is destroyed with it. So data with different lifetimes has different scopes: each side of
// a conversation has its own, so that one can be destroyed and the other kept, in an old backup too.

// MemberScope names the keys of a member's own data.
func MemberScope(id string) string { return "user:" + id }

// MessagesScope names the keys of all messages of a conversation.
func MessagesScope(conversation string) string { return "messages:" + conversation }

// SideScope names the keys of one member's messages in a conversation. It is below [MessagesScope].
func SideScope(conversation, sender string) string { return MessagesScope(conversation) + "/" + sender }

// TitleScope names the key of a group's title, which outlives the messages.
func TitleScope(conversation string) string { return "title:" + conversation }

// ConversationScope names the keys under which both sides of a conversation, its title and what was exchanged in it were
// sealed before each had its own scope. It is still read, but nothing new is sealed with it.
func ConversationScope(id string) string { return "conversation:" + id }

// Scope names the keys for the message and its files. A disappearing message has the keys of its
// day, which are destroyed soon after it; all others have those of the month.
func (m *Message) Scope() string {
	day := ""
	if m.Disappears() {
		day = m.CreatedTime().UTC().Format(time.DateOnly)
	}
	return WrittenScope(m.Conversation(), m.Sender(), day)
}

// WrittenScope names the keys of a member's messages in a conversation; day is set for disappearing ones.
func WrittenScope(conversation, sender, day string) string {
	scope := SideScope(conversation, sender)
	if day != "" {
		scope += "/" + day
	}
	return scope
}

// unseal opens a sealed value of the message.
func (m *Message) unseal(app core.App, field, sealed string) (string, error) {
	return UnsealFirst(app, m.Binding(field), sealed, m.Scope(), ConversationScope(m.Conversation()))
}

// UnsealFirst opens a value that was sealed for one of the scopes, the likely one first.
func UnsealFirst(app core.App, binding vault.Binding, sealed string, scopes ...string) (plain string, err error) {
	for _, scope := range scopes {
		if plain, err = Unseal(app, scope, binding, sealed); !Unreadable(err) {
			return plain, err
		}
	}
	return "", err
}

// Shred destroys the keys of a scope, of one month or, when month is empty, of all.
func Shred(app core.App, scope, month string) error {
	if err := Vault(app).Shred(scope, month); err != nil {
		return fmt.Errorf("shred the keys of %s: %w", scope, err)
	}
	return nil
}
