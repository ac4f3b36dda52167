package routes

import (
	"net/http"
	"slices"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/messaging"
	"carecollective/moderation"
	"carecollective/refusal"
	"carecollective/text"
	"carecollective/views"
)

// reportMessage answers POST /messages/{id}/report.
func reportMessage(e *core.RequestEvent) error {
	m, place, err := messaging.FindVisible(e.App, id(e), e.Auth.Id)
	if err != nil {
		return err
	}
	if m == nil {
		return refusal.NotFound()
	}
	return report(e, &moderation.Complaint{SubjectType: collections.SubjectMessage, Subject: m.Id, Reported: m.Sender(), Message: m, Place: place})
}

// reportMember answers POST /users/{id}/report.
func reportMember(e *core.RequestEvent) error {
	member, err := collections.FindMember(e.App, id(e))
	if err != nil {
		return err
	}
	if member == nil {
		return refusal.NotFound()
	}
	return report(e, &moderation.Complaint{SubjectType: collections.SubjectUser, Subject: member.Id, Reported: member.Id, Shows: member.Shown()})
}

// reportHelpRequest answers POST /help_requests/{id}/report.
func reportHelpRequest(e *core.RequestEvent) error {
	request, err := collections.FindHelpRequest(e.App, id(e), e.Auth.Id)
	if err != nil {
		return err
	}
	if request == nil {
		return refusal.NotFound()
	}
	return report(e, &moderation.Complaint{
		SubjectType: collections.SubjectHelpRequest, Subject: request.Id, Reported: request.Owner(), Shows: request.Shown(),
	})
}

// reportConversation answers POST /conversations/{id}/report: a request to talk, by its recipient.
func reportConversation(e *core.RequestEvent) error {
	s, err := messaging.LoadAccess(e.App, id(e), e.Auth.Id, time.Now())
	if err != nil {
		return err
	}
	if !s.Own.Sees() {
		return refusal.NotFound()
	}
	first, err := collections.FindMessageAt(e.App, s.Conversation.Id, 1)
	if err != nil {
		return err
	}
	if first != nil {
		if first, _, err = messaging.FindVisible(e.App, first.Id, e.Auth.Id); err != nil {
			return err
		}
	}
	return report(e, &moderation.Complaint{
		SubjectType: collections.SubjectConversation, Subject: s.Conversation.Id,
		Reported: s.Conversation.CreatedBy(), Message: first, Place: s.Own,
	})
}

// report stores a complaint, or answers with the member's earlier report.
func report(e *core.RequestEvent, c *moderation.Complaint) error {
	c.By, c.Now = collections.AsMember(e.Auth), time.Now()
	if err := read(c, e); err != nil {
		return err
	}
	var r *collections.Report
	status := http.StatusOK
	err := e.App.RunInTransaction(func(txApp core.App) (err error) {
		if r, err = collections.FindReportBy(txApp, c.By.Id, c.SubjectType, c.Subject); err != nil || r != nil {
			return err
		}
		status = http.StatusCreated
		r, err = c.File(txApp)
		return err
	})
	if err != nil {
		return err
	}
	if err := views.Report(e.App, caller(e), r); err != nil {
		return err
	}
	return e.JSON(status, map[string]any{"report": r})
}

func read(c *moderation.Complaint, e *core.RequestEvent) error {
	sent, err := body(e)
	if err != nil {
		return err
	}
	if c.Reason, err = sent.text("reason"); err != nil {
		return err
	}
	if !slices.Contains(collections.ReportReasons, c.Reason) {
		return refusal.Field("reason", refusal.UnknownChoice, "Choose spam, harassment, inappropriate, scam or other.")
	}
	if c.Description, err = sent.optional("description"); err != nil {
		return err
	}
	if problem := text.Check(text.Report, c.Description); problem != nil {
		return refusal.Field("description", refusal.Code(problem.Code), problem.Sentence)
	}
	if c.Reported == c.By.Id {
		return refusal.Policy(refusal.NotAllowed)
	}
	return nil
}
