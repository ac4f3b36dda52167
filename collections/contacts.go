package collections

import (
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/internal/store"
	"carecollective/vault"
)

// The types and states of a contact exchange.
const (
	ContactPhone     = "phone"
	ContactEmail     = "email"
	ContactPending   = "pending"
	ContactAgreed    = "agreed"
	ContactDeclined  = "declined"
	ContactWithdrawn = "withdrawn"
)

// ContactValue is the name under which the plain value rides on an exchange's record.
const ContactValue = "value"

// Contact is a member's request for another's phone number or e-mail address, and the answer.
type Contact struct{ core.BaseRecordProxy }

// AsContact reads record, a row of contact_exchanges.
func AsContact(record *core.Record) *Contact {
	c := &Contact{}
	c.SetProxyRecord(record)
	return c
}

// NewContact makes a pending exchange without saving it.
func NewContact(app core.App, conversation, requester, owner, kind string) (*Contact, error) {
	collection, err := app.FindCachedCollectionByNameOrId(Contacts)
	if err != nil {
		return nil, err
	}
	c := AsContact(core.NewRecord(collection))
	c.Id = core.GenerateDefaultRandomId()
	c.Set("conversation", conversation)
	c.Set("requester", requester)
	c.Set("owner", owner)
	c.Set("type", kind)
	c.Set("status", ContactPending)
	return c, nil
}

// FindContact finds an exchange by id; nil when there is none.
func FindContact(app core.App, id string) (*Contact, error) {
	return store.Typed(AsContact)(store.FindOne(app, Contacts, store.ByID(id)))
}

// FindStandingContact finds the exchange that requester asked of owner in a conversation and that is still pending or agreed for at
// least one of the two; nil if there is none.
func FindStandingContact(app core.App, conversation, requester, owner, kind string) (*Contact, error) {
	return store.Typed(AsContact)(store.FindOne(app, Contacts, dbx.HashExp{
		"conversation": conversation, "requester": requester, "owner": owner, "type": kind,
		"status": []any{ContactPending, ContactAgreed},
	}))
}

// AskAgain reopens an exchange that a block has ended for the requester, and delivers a request that a block kept
// from the owner, unless the owner still blocks the requester. The blocked member must not notice: nothing else changes, and
// the row does not look changed.
func (c *Contact) AskAgain(app core.App, blocked bool) error {
	if c.EndedFor() == c.Requester() {
		c.Set("ended_for", "")
	}
	if !blocked && c.Status() == ContactPending {
		c.Set("private_to", "")
		c.Set("ended_for", "")
	}
	return store.Exec(app, "UPDATE contact_exchanges SET private_to = {:private}, ended_for = {:ended} WHERE id = {:id}",
		dbx.Params{"id": c.Id, "private": c.PrivateTo(), "ended": c.EndedFor()})
}

// Conversation is where it was asked.
func (c *Contact) Conversation() string { return c.GetString("conversation") }

// Requester is who asks.
func (c *Contact) Requester() string { return c.GetString("requester") }

// Owner is whose phone or e-mail it is.
func (c *Contact) Owner() string { return c.GetString("owner") }

// Other is the one of the two that user is not.
func (c *Contact) Other(user string) string {
	if user == c.Owner() {
		return c.Requester()
	}
	return c.Owner()
}

// Type is phone or email.
func (c *Contact) Type() string { return c.GetString("type") }

// Status is pending, agreed, declined or withdrawn, as stored.
func (c *Contact) Status() string { return c.GetString("status") }

// KeepFor shows the exchange to user only.
func (c *Contact) KeepFor(user string) { c.Set("private_to", user) }

// PrivateTo is the only member who sees it, or empty.
func (c *Contact) PrivateTo() string { return c.GetString("private_to") }

// EndedFor is the member for whom a block has ended it, or empty.
func (c *Contact) EndedFor() string { return c.GetString("ended_for") }

// Agree shows value to both from now on, as it is now and without later changes.
func (c *Contact) Agree(app core.App, value string, now time.Time) error {
	sealed, err := Seal(app, MemberScope(c.Owner()), now, c.Binding(), value)
	if err != nil {
		return err
	}
	c.Set("value_sealed", sealed)
	c.Set("status", ContactAgreed)
	c.Set("agreed_at", store.DateTime(now))
	return nil
}

// End ends the exchange with a status that is neither pending nor agreed, and deletes the value.
func (c *Contact) End(status string) {
	c.Set("value_sealed", "")
	c.Set("status", status)
}

// Value is the phone number or address that was agreed on; [vault.ErrUnreadable] when it cannot be opened.
func (c *Contact) Value(app core.App) (string, error) {
	return UnsealFirst(app, c.Binding(), c.GetString("value_sealed"), MemberScope(c.Owner()), ConversationScope(c.Conversation()))
}

// Binding binds the sealed value to its row.
func (c *Contact) Binding() vault.Binding {
	return vault.Binding{Table: Contacts, Record: c.Id, Field: ContactValue, Conversation: c.Conversation(), Sender: c.Owner()}
}

// Concerns reports whether user is one of the two and knows of the exchange.
func (c *Contact) Concerns(user string) bool {
	return (user == c.Owner() || user == c.Requester()) && (c.PrivateTo() == "" || c.PrivateTo() == user)
}
