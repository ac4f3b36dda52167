package routes

import (
	"net/http"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
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
	contact, created, err := messaging.AskForContact(e.App, id(e), e.Auth.Id, kind)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if created {
		status = http.StatusCreated
	}
	return answerWithContact(e, status, contact)
}

// answerContact answers POST /contacts/{id}/accept, /decline and /withdraw by one of the two members.
func answerContact(answer func(core.App, *collections.Contact, *collections.Member) error) func(*core.RequestEvent) error {
	return func(e *core.RequestEvent) error {
		contact, err := messaging.AnswerContact(e.App, id(e), collections.AsMember(e.Auth), answer)
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
