package collections

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/internal/store"
	"carecollective/vault"
)

// SetModeration hides or removes the message for a moderator, or shows it again with an empty status.
func (m *Message) SetModeration(status string, now time.Time) {
	m.Set("moderation_status", status)
	m.Set("changed_at", store.DateTime(now))
}

// Release shows a held message to the others: it gets its seq by [Message.Place].
func (m *Message) Release(now time.Time) {
	m.Set("moderation_status", ModerationApproved)
	m.Set("private_to", "")
	m.Set("changed_at", store.DateTime(now))
}

// The types, states and moderation states of a message.
const (
	TypeText              = "text"
	TypeSystem            = "system"
	TypeHelpRequestUpdate = "help_request_update"

	StatusSent      = "sent"
	StatusDelivered = "delivered"
	StatusRead      = "read"

	ModerationPending  = "pending"
	ModerationApproved = "approved"
	ModerationHidden   = "hidden"
	ModerationRemoved  = "removed"
)

// Content is the key under which a message's plain text is attached to its record, beside the sealed column. It is custom
// data: PocketBase never stores it.
const Content = "content"

// Acknowledge is the body field with the writer's acknowledgements.
const Acknowledge = "acknowledge"

// acknowledged is where they are attached to the record: with PocketBase's prefix for values that stay out of its JSON.
const acknowledged = "@pbInternal_acknowledged"

// Message is one text from a member to the others of a conversation.
type Message struct{ core.BaseRecordProxy }

// AsMessage reads record, a row of messages.
func AsMessage(record *core.Record) *Message {
	m := &Message{}
	m.SetProxyRecord(record)
	return m
}

// NewMessage makes a text message without saving it. An empty id is chosen on save.
func NewMessage(app core.App, id, conversation, sender, content string) (*Message, error) {
	collection, err := app.FindCachedCollectionByNameOrId(Messages)
	if err != nil {
		return nil, err
	}
	m := AsMessage(core.NewRecord(collection))
	m.Id = id
	m.Set("conversation", conversation)
	m.From(sender, content)
	return m, nil
}

// WellFormed reports whether an id has the form that every record's has.
func WellFormed(id string) bool {
	return len(id) == core.DefaultIdLength && strings.Trim(id, core.DefaultIdAlphabet) == ""
}

// From sets the sender of a text message that a client asks to create.
func (m *Message) From(sender, content string) {
	m.Set("sender", sender)
	m.Set("message_type", TypeText)
	m.Set("status", StatusSent)
	m.SetText(content)
}

// FindMessage finds a message by id; nil when there is none.
func FindMessage(app core.App, id string) (*Message, error) {
	return store.Typed(AsMessage)(store.FindOne(app, Messages, store.ByID(id)))
}

// FindMessageAt finds the message with that seq; nil when there is none.
func FindMessageAt(app core.App, conversation string, seq int) (*Message, error) {
	return store.Typed(AsMessage)(store.FindOne(app, Messages, dbx.HashExp{"conversation": conversation, "seq": seq}))
}

// Conversation is the id of the conversation.
func (m *Message) Conversation() string { return m.GetString("conversation") }

// Seq is the position in the conversation, from 1; 0 while it is held.
func (m *Message) Seq() int { return m.GetInt("seq") }

// Place gives the message its seq.
func (m *Message) Place(seq int) { m.Set("seq", seq) }

// Address sets the recipient, in a direct conversation, and the help request.
func (m *Message) Address(recipient, helpRequest string) {
	m.Set("recipient", recipient)
	m.Set("help_request", helpRequest)
}

// Sender is the member who wrote it; empty for a system message.
func (m *Message) Sender() string { return m.GetString("sender") }

// Recipient is the other one of a direct conversation.
func (m *Message) Recipient() string { return m.GetString("recipient") }

// HelpRequest is the id of the help request that it is about.
func (m *Message) HelpRequest() string { return m.GetString("help_request") }

// Type is text, system or help_request_update.
func (m *Message) Type() string { return m.GetString("message_type") }

// SetType makes it a message of another type than text.
func (m *Message) SetType(t string) { m.Set("message_type", t) }

// ReplyTo is the id of the message to which this one replies.
func (m *Message) ReplyTo() string { return m.GetString("reply_to") }

// Answer makes it a reply to the message with that id.
func (m *Message) Answer(id string) { m.Set("reply_to", id) }

// Status is sent, delivered or read.
func (m *Message) Status() string { return m.GetString("status") }

// ReadAt is when the other member of a direct conversation read it, as far as the sender may know; empty for not yet.
func (m *Message) ReadAt() string { return m.GetDateTime("read_at").String() }

// Moderation is the moderation status; empty before a decision.
func (m *Message) Moderation() string { return m.GetString("moderation_status") }

// Held reports whether the message waits for a moderator.
func (m *Message) Held() bool { return m.Moderation() == ModerationPending && m.Seq() == 0 }

// Hold shows the message to its sender only, until a moderator approves it.
func (m *Message) Hold() {
	m.Set("moderation_status", ModerationPending)
	m.Set("private_to", m.Sender())
	m.Place(0) // also if its transaction was rolled back and starts again
}

// Taken reports whether a moderator has hidden or removed it.
func (m *Message) Taken() bool {
	return m.Moderation() == ModerationHidden || m.Moderation() == ModerationRemoved
}

// Deleted reports whether its sender has deleted it.
func (m *Message) Deleted() bool { return !m.GetDateTime("deleted_at").IsZero() }

// CreatedAt is when it was stored.
func (m *Message) CreatedAt() string { return m.GetDateTime("created_at").String() }

// CreatedTime is when it was stored, as a time.
func (m *Message) CreatedTime() time.Time { return m.GetDateTime("created_at").Time() }

// SetCreated fixes the time of storing, so that everything about the message has the same time.
func (m *Message) SetCreated(now time.Time) {
	m.SetRaw("created_at", store.DateTime(now))
	m.SetRaw("updated_at", store.DateTime(now))
}

// Flag refers the message to the moderators without holding it.
func (m *Message) Flag(reason string) {
	m.Set("is_flagged", true)
	m.Set("flagged_reason", reason)
}

// PrivateTo is the only member who sees it, or empty.
func (m *Message) PrivateTo() string { return m.GetString("private_to") }

// KeepFor shows the message to user only.
func (m *Message) KeepFor(user string) { m.Set("private_to", user) }

// WithholdFrom makes it a tombstone for users.
func (m *Message) WithholdFrom(users []string) {
	if len(users) > 0 {
		m.Set("withheld_from", users)
	}
}

// WithheldFrom reports whether it is a tombstone for user.
func (m *Message) WithheldFrom(user string) bool {
	return slices.Contains(m.GetStringSlice("withheld_from"), user)
}

// WithheldText lists the members from whom the message is withheld, separated by commas.
func (m *Message) WithheldText() string { return strings.Join(m.GetStringSlice("withheld_from"), ",") }

// Text returns the plain text that is attached to the record.
func (m *Message) Text() string { return m.GetString(Content) }

// SetText attaches a plain text to the record, to be sealed before it is stored.
func (m *Message) SetText(content string) { m.SetRaw(Content, content) }

// Acknowledge records what the writer knows to be in the text and sends anyway.
func (m *Message) Acknowledge(what []string) { m.SetRaw(acknowledged, what) }

// Acknowledged is what the writer knows to be in the text.
func (m *Message) Acknowledged() []string {
	what, _ := m.GetRaw(acknowledged).([]string)
	return what
}

// Flagged reports whether the message was referred to the moderators.
func (m *Message) Flagged() bool { return m.GetBool("is_flagged") }

// Unseal opens the text of the message; [vault.ErrUnreadable] when it cannot be opened.
func (m *Message) Unseal(app core.App) (string, error) {
	return m.unseal(app, Content, m.GetString("content_sealed"))
}

// Binding binds a sealed field of the message to its row, sender and position.
func (m *Message) Binding(field string) vault.Binding {
	return vault.Binding{
		Table: Messages, Record: m.Id, Field: field,
		Conversation: m.Conversation(), Sender: m.Sender(), Seq: int64(m.Seq()),
	}
}

// Version is a message before an edit that some members do not see.
type Version struct {
	Content   string `json:"content"`
	EditedAt  string `json:"edited_at"`
	UpdatedAt string `json:"updated_at"`
}

// Earlier returns the versions that blockers still see, by the blocker's id.
func (m *Message) Earlier(app core.App) (map[string]Version, error) {
	plain, err := m.unseal(app, "earlier", m.GetString("earlier_sealed"))
	if err != nil || plain == "" {
		return nil, err
	}
	var versions map[string]Version
	if err := json.Unmarshal([]byte(plain), &versions); err != nil {
		return nil, fmt.Errorf("read earlier versions: %w", err)
	}
	return versions, nil
}

// SealEarlier seals the versions that blockers still see.
func (m *Message) SealEarlier(app core.App, versions map[string]Version) error {
	if len(versions) == 0 {
		m.Set("earlier_sealed", "")
		return nil
	}
	plain, err := json.Marshal(versions)
	if err != nil {
		return fmt.Errorf("write earlier versions: %w", err)
	}
	sealed, err := Seal(app, m.Scope(), m.CreatedTime(), m.Binding("earlier"), string(plain))
	if err != nil {
		return err
	}
	m.Set("earlier_sealed", sealed)
	return nil
}

// Current returns the message as it is now, to be kept as a [Version].
func (m *Message) Current(content string) Version {
	return Version{content, m.GetDateTime("edited_at").String(), m.GetDateTime("updated_at").String()}
}

// MarkEdited records an edit.
func (m *Message) MarkEdited(now time.Time) {
	m.Set("edited_at", store.DateTime(now))
	m.Set("changed_at", store.DateTime(now))
}

// ChangedAt is when it was last edited, hidden, deleted or approved; empty for never.
func (m *Message) ChangedAt() string { return m.GetDateTime("changed_at").String() }

// Erase removes the text and leaves a tombstone.
func (m *Message) Erase(now time.Time) {
	for _, field := range []string{"content_sealed", "earlier_sealed", "attachments_sealed"} {
		m.Set(field, "")
	}
	m.SetRaw(Content, "")
	m.Set("deleted_at", store.DateTime(now))
	m.Set("changed_at", store.DateTime(now))
}

// List turns texts into the values of a condition.
func List(values []string) []any {
	out := make([]any, len(values))
	for i, v := range values {
		out[i] = v
	}
	return out
}

// SetAcknowledged attaches the writer's acknowledgements to a record: what they know to be in its texts and show anyway. A record
// without them does not come from a request, and nobody is asked.
func SetAcknowledged(record *core.Record, what []string) {
	record.SetRaw(acknowledged, append([]string{}, what...))
}

// Acknowledged returns the acknowledgements attached to a record; ok is false if nobody can be asked.
func Acknowledged(record *core.Record) (what []string, ok bool) {
	what, ok = record.GetRaw(acknowledged).([]string)
	return what, ok
}
