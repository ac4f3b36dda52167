package collections

import (
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

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

// Contact is a member's wish to know another's phone number or e-mail address, and the answer.
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
	return typed(AsContact)(one(app, Contacts, byID(id)))
}

// FindStandingContact finds what requester has asked of owner in a conversation and is still pending or agreed for one of
// the two at least; nil when there is none.
func FindStandingContact(app core.App, conversation, requester, owner, kind string) (*Contact, error) {
	return typed(AsContact)(one(app, Contacts, dbx.HashExp{
		"conversation": conversation, "requester": requester, "owner": owner, "type": kind,
		"status": []any{ContactPending, ContactAgreed},
	}))
}

// AskAgain brings an exchange back that a block has ended for the requester, and lets a request arrive that a block kept
// from the owner, unless the owner blocks the requester still. The blocked member must not notice: nothing else changes, and
// the row does not look changed.
func (c *Contact) AskAgain(app core.App, blocked bool) error {
	if c.EndedFor() == c.Requester() {
		c.Set("ended_for", "")
	}
	if !blocked && c.Status() == ContactPending {
		c.Set("private_to", "")
		c.Set("ended_for", "")
	}
	return exec(app, "UPDATE contact_exchanges SET private_to = {:private}, ended_for = {:ended} WHERE id = {:id}",
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

// KeepFor lets nobody but user see the exchange.
func (c *Contact) KeepFor(user string) { c.Set("private_to", user) }

// PrivateTo is the one member who sees it, or empty.
func (c *Contact) PrivateTo() string { return c.GetString("private_to") }

// EndedFor is the one for whom a block has ended it, or empty.
func (c *Contact) EndedFor() string { return c.GetString("ended_for") }

// Agree shows value to both from now on: as it is now, not as it becomes.
func (c *Contact) Agree(app core.App, value string, now time.Time) error {
	sealed, err := seal(app, MemberScope(c.Owner()), now, c.binding(), value)
	if err != nil {
		return err
	}
	c.Set("value_sealed", sealed)
	c.Set("status", ContactAgreed)
	c.Set("agreed_at", stamp(now))
	return nil
}

// End ends the exchange with a status that is neither pending nor agreed; the value goes.
func (c *Contact) End(status string) {
	c.Set("value_sealed", "")
	c.Set("status", status)
}

// Value is the phone number or address that was agreed on; [vault.ErrUnreadable] when it cannot be opened.
func (c *Contact) Value(app core.App) (string, error) {
	return unsealFirst(app, c.binding(), c.GetString("value_sealed"), MemberScope(c.Owner()), ConversationScope(c.Conversation()))
}

func (c *Contact) binding() vault.Binding {
	return vault.Binding{Table: Contacts, Record: c.Id, Field: ContactValue, Conversation: c.Conversation(), Sender: c.Owner()}
}

// EndContacts withdraws what is pending or agreed in a conversation, because one has left or closed it.
func EndContacts(app core.App, conversation string, now time.Time) error {
	return exec(app, `UPDATE contact_exchanges SET status = 'withdrawn', value_sealed = '', updated_at = {:now}
		WHERE conversation = {:conversation} AND status IN ('pending','agreed')`,
		dbx.Params{"conversation": conversation, "now": Stamp(now)})
}

// EndContactsFor ends for a blocker what is pending or agreed with the blocked member, whose own view stays; what the other
// has ended for themselves in the same way is over for both.
func EndContactsFor(app core.App, blocker, blocked string) error {
	return exec(app, `UPDATE contact_exchanges SET
			status = CASE ended_for WHEN {:blocked} THEN 'withdrawn' ELSE status END,
			value_sealed = CASE ended_for WHEN {:blocked} THEN '' ELSE value_sealed END,
			ended_for = {:blocker}
		WHERE status IN ('pending','agreed')
			AND ((requester = {:blocker} AND owner = {:blocked}) OR (requester = {:blocked} AND owner = {:blocker}))`,
		dbx.Params{"blocker": blocker, "blocked": blocked})
}

// ContactAgreedIn reports whether the two of a conversation have agreed on an exchange that stands for both.
func ContactAgreedIn(app core.App, conversation string) (bool, error) {
	n, err := count(app, "SELECT COUNT(*) FROM contact_exchanges WHERE conversation = {:c} AND status = 'agreed' AND ended_for = ''",
		dbx.Params{"c": conversation})
	if err != nil {
		return false, fmt.Errorf("find agreed contacts: %w", err)
	}
	return n > 0, nil
}

// Concerns reports whether user is one of the two and knows of the exchange.
func (c *Contact) Concerns(user string) bool {
	return (user == c.Owner() || user == c.Requester()) && (c.PrivateTo() == "" || c.PrivateTo() == user)
}
