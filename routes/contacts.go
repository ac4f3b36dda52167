package routes

import (
	"net/http"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/consent"
	"carecollective/messaging"
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
		s, err := messaging.LoadAccess(txApp, id(e), e.Auth.Id, time.Now())
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
			return messaging.Arrive(txApp, s, contact)
		}
		contact, err = messaging.NewContact(txApp, s, kind)
		return err
	})
	if err != nil {
		return err
	}
	return answerWithContact(e, status, contact)
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

func answerWithContact(e *core.RequestEvent, status int, contact *collections.Contact) error {
	if err := views.Contact(e.App, caller(e), contact); err != nil {
		return err
	}
	return e.JSON(status, map[string]any{"contact": contact})
}
