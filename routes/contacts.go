package routes

import (
	"net/http"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/consent"
	"carecollective/refusal"
	"carecollective/views"
)

// askForContact answers POST /conversations/{id}/contact. A repeated request for a pending or agreed exchange changes nothing for
// the requester.
func askForContact(e *core.RequestEvent) error {
	sent, err := body(e)
	if err != nil {
		return err
	}
	kind, err := sent.text("type")
	if err != nil {
		return err
	}
	if kind != collections.ContactPhone && kind != collections.ContactEmail {
		return refusal.Field("type", refusal.UnknownChoice, "Ask for phone or email.")
	}
	var contact *collections.Contact
	status := http.StatusOK
	err = e.App.RunInTransaction(func(txApp core.App) error {
		s, err := collections.Situate(txApp, id(e), e.Auth.Id, time.Now())
		if err != nil {
			return err
		}
		if err := refusal.FromCode(consent.Next(s.State(), consent.StepContact).Code); err != nil {
			return err
		}
		contact, err = collections.FindStandingContact(txApp, s.Conversation.Id, e.Auth.Id, s.OtherID(), kind)
		if err != nil {
			return err
		}
		if contact == nil || contact.EndedFor() == e.Auth.Id {
			status = http.StatusCreated
		}
		if contact != nil {
			return arrive(txApp, s, contact)
		}
		contact, err = newContact(txApp, s, kind)
		return err
	})
	if err != nil {
		return err
	}
	return answerWithContact(e, status, contact)
}

// arrive delivers an earlier request to the owner, unless a block prevents it.
func arrive(app core.App, s *collections.Situation, contact *collections.Contact) error {
	block, err := collections.FindBlock(app, s.OtherID(), s.Own.User())
	if err != nil {
		return err
	}
	return contact.AskAgain(app, block != nil)
}

// newContact stores a request; an owner who has blocked the requester is not told.
func newContact(app core.App, s *collections.Situation, kind string) (*collections.Contact, error) {
	limit, per := s.Settings.Window()
	quota, ok, err := collections.Take(app, "contacts:"+s.Own.User(), limit, per, s.Now)
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

// answerContact answers POST /contacts/{id}/accept, /decline and /withdraw by one of the two members.
func answerContact(answer func(core.App, *collections.Contact, *collections.Member) error) func(*core.RequestEvent) error {
	return func(e *core.RequestEvent) error {
		var contact *collections.Contact
		err := e.App.RunInTransaction(func(txApp core.App) (err error) {
			if contact, err = collections.FindContact(txApp, id(e)); err != nil {
				return err
			}
			member := collections.AsMember(e.Auth)
			if contact == nil || !contact.Concerns(member.Id) {
				return refusal.NotFound()
			}
			return answer(txApp, contact, member)
		})
		if err != nil {
			return err
		}
		return answerWithContact(e, http.StatusOK, contact)
	}
}

// acceptContact shows the owner's phone or e-mail, as it is now, to the requester.
func acceptContact(app core.App, c *collections.Contact, member *collections.Member) error {
	if member.Id != c.Owner() {
		return refusal.Policy(refusal.NotAllowed)
	}
	s, err := collections.Situate(app, c.Conversation(), member.Id, time.Now())
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

func declineContact(app core.App, c *collections.Contact, member *collections.Member) error {
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

// withdrawContact ends a pending or agreed exchange, by either of the two. It is always allowed.
func withdrawContact(app core.App, c *collections.Contact, _ *collections.Member) error {
	switch c.Status() {
	case collections.ContactWithdrawn:
		return nil
	case collections.ContactDeclined:
		return refusal.Policy(refusal.NotAllowed)
	}
	c.End(collections.ContactWithdrawn)
	return app.Save(c)
}

func answerWithContact(e *core.RequestEvent, status int, contact *collections.Contact) error {
	if err := views.Contact(e.App, caller(e), contact); err != nil {
		return err
	}
	return e.JSON(status, map[string]any{"contact": contact})
}
