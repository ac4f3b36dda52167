package messaging

import (
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/consent"
	"carecollective/internal/limits"
	"carecollective/internal/store"
	"carecollective/refusal"
)

// EndContacts withdraws all pending or agreed exchanges in a conversation, because a member has left or closed it.
func EndContacts(app core.App, conversation string, now time.Time) error {
	return store.Exec(app, `UPDATE contact_exchanges SET status = 'withdrawn', value_sealed = '', updated_at = {:now}
		WHERE conversation = {:conversation} AND status IN ('pending','agreed')`,
		dbx.Params{"conversation": conversation, "now": store.Stamp(now)})
}

// EndContactsFor ends a blocker's pending or agreed exchanges with the blocked member, whose own view stays. Exchanges that the other
// has ended in the same way are over for both.
func EndContactsFor(app core.App, blocker, blocked string) error {
	return store.Exec(app, `UPDATE contact_exchanges SET
			status = CASE ended_for WHEN {:blocked} THEN 'withdrawn' ELSE status END,
			value_sealed = CASE ended_for WHEN {:blocked} THEN '' ELSE value_sealed END,
			ended_for = {:blocker}
		WHERE status IN ('pending','agreed')
			AND ((requester = {:blocker} AND owner = {:blocked}) OR (requester = {:blocked} AND owner = {:blocker}))`,
		dbx.Params{"blocker": blocker, "blocked": blocked})
}

// ContactAgreedIn reports whether the two members of a conversation have an agreed exchange that both still see.
func ContactAgreedIn(app core.App, conversation string) (bool, error) {
	n, err := store.Count(app, "SELECT COUNT(*) FROM contact_exchanges WHERE conversation = {:c} AND status = 'agreed' AND ended_for = ''",
		dbx.Params{"c": conversation})
	if err != nil {
		return false, fmt.Errorf("find agreed contacts: %w", err)
	}
	return n > 0, nil
}

// AskForContact asks the other member of a conversation for their phone or e-mail. A repeated request for a pending or agreed
// exchange changes nothing for the requester; created is true if they see a new one.
func AskForContact(app core.App, conversation, member, kind string) (contact *collections.Contact, created bool, err error) {
	err = app.RunInTransaction(func(txApp core.App) error {
		s, err := LoadAccess(txApp, conversation, member, time.Now())
		if err != nil {
			return err
		}
		if err := refusal.FromCode(consent.Next(s.State(), consent.StepContact).Code); err != nil {
			return err
		}
		contact, err = collections.FindStandingContact(txApp, conversation, member, s.OtherID(), kind)
		if err != nil {
			return err
		}
		created = contact == nil || contact.EndedFor() == member
		if contact != nil {
			return arrive(txApp, s, contact)
		}
		contact, err = newContact(txApp, s, kind)
		return err
	})
	return contact, created, err
}

// AnswerContact lets one of the two members answer a contact exchange: by [AcceptContact], [DeclineContact] or [WithdrawContact].
func AnswerContact(app core.App, id string, member *collections.Member, answer func(core.App, *collections.Contact, *collections.Member) error) (contact *collections.Contact, err error) {
	err = app.RunInTransaction(func(txApp core.App) (err error) {
		if contact, err = collections.FindContact(txApp, id); err != nil {
			return err
		}
		if contact == nil || !contact.Concerns(member.Id) {
			return refusal.NotFound()
		}
		return answer(txApp, contact, member)
	})
	return contact, err
}

// arrive delivers an earlier request to the owner, unless a block prevents it.
func arrive(app core.App, s *Access, contact *collections.Contact) error {
	block, err := collections.FindBlock(app, s.OtherID(), s.Own.User())
	if err != nil {
		return err
	}
	return contact.AskAgain(app, block != nil)
}

// newContact stores a request; an owner who has blocked the requester is not told.
func newContact(app core.App, s *Access, kind string) (*collections.Contact, error) {
	limit, per := s.Settings.Window()
	quota, ok, err := limits.Allow(app, "contacts:"+s.Own.User(), limit, per, s.Now)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, refusal.TooFast(refusal.RateLimited, quota)
	}
	contact, err := collections.NewContact(app, s.Conversation.Id, s.Own.User(), s.OtherID(), kind)
	if err != nil {
		return nil, err
	}
	block, err := collections.FindBlock(app, s.OtherID(), s.Own.User())
	if err != nil {
		return nil, err
	}
	if block != nil {
		contact.KeepFor(s.Own.User())
	}
	return contact, app.Save(contact)
}

// AcceptContact shows the owner's phone or e-mail, as it is now, to the requester.
func AcceptContact(app core.App, c *collections.Contact, member *collections.Member) error {
	if member.Id != c.Owner() {
		return refusal.Policy(refusal.NotAllowed)
	}
	s, err := LoadAccess(app, c.Conversation(), member.Id, time.Now())
	if err != nil {
		return err
	}
	if err := refusal.FromCode(consent.Next(s.State(), consent.StepContact).Code); err != nil {
		return err
	}
	switch {
	case c.EndedFor() == member.Id:
		return refusal.Policy(refusal.NotAllowed)
	case c.Status() == collections.ContactAgreed:
		return nil
	case c.Status() != collections.ContactPending:
		return refusal.Policy(refusal.NotAllowed)
	}
	value, err := contactValue(app, c.Type(), member.Id)
	if err != nil {
		return err
	}
	if err := c.Agree(app, value, s.Now); err != nil {
		return err
	}
	return app.Save(c)
}

func contactValue(app core.App, kind, owner string) (string, error) {
	member, err := collections.FindMember(app, owner)
	if err != nil {
		return "", err
	}
	if kind == collections.ContactEmail {
		return member.ProxyRecord().Email(), nil
	}
	phone, err := member.Phone(app)
	if err == nil && phone == "" {
		return "", refusal.Field("type", refusal.NoPhone, "Add a phone number to your profile first.")
	}
	return phone, err
}

// DeclineContact ends a pending exchange, by its owner.
func DeclineContact(app core.App, c *collections.Contact, member *collections.Member) error {
	switch {
	case member.Id != c.Owner():
		return refusal.Policy(refusal.NotAllowed)
	case c.Status() == collections.ContactDeclined:
		return nil
	case c.Status() != collections.ContactPending || c.EndedFor() == member.Id:
		return refusal.Policy(refusal.NotAllowed)
	}
	c.End(collections.ContactDeclined)
	return app.Save(c)
}

// WithdrawContact ends a pending or agreed exchange, by either of the two. It is always allowed.
func WithdrawContact(app core.App, c *collections.Contact, _ *collections.Member) error {
	switch c.Status() {
	case collections.ContactWithdrawn:
		return nil
	case collections.ContactDeclined:
		return refusal.Policy(refusal.NotAllowed)
	}
	c.End(collections.ContactWithdrawn)
	return app.Save(c)
}
