package collections

import (
	"fmt"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/vault"
)

// What is sealed under one key dies with it. So what may have to die at different times has different scopes: each side of
// a conversation its own, so that one of them can go and the other keep theirs, in an old backup too.

// MemberScope names the keys of what is a member's own.
func MemberScope(id string) string { return "user:" + id }

// MessagesScope names the keys of everything that was written in a conversation, whoever wrote it.
func MessagesScope(conversation string) string { return "messages:" + conversation }

// SideScope names the keys of what one member has written in a conversation. It lies below [MessagesScope].
func SideScope(conversation, sender string) string { return MessagesScope(conversation) + "/" + sender }

// TitleScope names the key of a group's title, which outlives the messages.
func TitleScope(conversation string) string { return "title:" + conversation }

// ConversationScope names the keys under which both sides of a conversation, its title and what was exchanged in it were
// sealed before each had a scope of its own. It is read, and nothing new is sealed with it.
func ConversationScope(id string) string { return "conversation:" + id }

// Scope names the keys that the message and its files are sealed with. A message that is to disappear has the keys of its
// day, so that they go soon after it; all others have those of the month.
func (m *Message) Scope() string {
	day := ""
	if m.Disappears() {
		day = m.CreatedTime().UTC().Format(time.DateOnly)
	}
	return writtenScope(m.Conversation(), m.Sender(), day)
}

// writtenScope names the keys of what a member has written in a conversation; day is when, of what is to disappear.
func writtenScope(conversation, sender, day string) string {
	scope := SideScope(conversation, sender)
	if day != "" {
		scope += "/" + day
	}
	return scope
}

// unseal opens a sealed value of the message.
func (m *Message) unseal(app core.App, field, sealed string) (string, error) {
	return unsealFirst(app, m.binding(field), sealed, m.Scope(), ConversationScope(m.Conversation()))
}

// unsealFirst opens a value that was sealed for one of the scopes, the likely one first.
func unsealFirst(app core.App, binding vault.Binding, sealed string, scopes ...string) (plain string, err error) {
	for _, scope := range scopes {
		if plain, err = unseal(app, scope, binding, sealed); !Unreadable(err) {
			return plain, err
		}
	}
	return "", err
}

// shred destroys the keys of a scope, of one month or, when month is empty, of all.
func shred(app core.App, scope, month string) error {
	if err := Vault(app).Shred(scope, month); err != nil {
		return fmt.Errorf("shred the keys of %s: %w", scope, err)
	}
	return nil
}
