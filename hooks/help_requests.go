package hooks

import (
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/internal/bind"
	"carecollective/refusal"
	"carecollective/text"
)

func registerHelpRequests(app core.App) {
	app.OnRecordCreateRequest(collections.HelpRequests).Bind(bind.Handler("help_requests.create.request", takeHelpRequest))
	app.OnRecordUpdateRequest(collections.HelpRequests).Bind(bind.Handler("help_requests.update.request", takeHelpRequestEdit))
	app.OnRecordValidate(collections.HelpRequests).Bind(bind.Handler("help_requests.validate.text", checkHelpRequest))
	app.OnRecordUpdateExecute(collections.HelpRequests).Bind(bind.Handler("help_requests.update.transaction", inTransaction))
	app.OnRecordUpdateExecute(collections.HelpRequests).Bind(bind.Handler("help_requests.update.tell", tellOfStatus))
	app.OnRecordDelete(collections.HelpRequests).Bind(bind.Handler("help_requests.delete.forget", forgetHelpRequest))
}

// takeHelpRequest makes the caller its owner and fills in defaults.
func takeHelpRequest(e *core.RecordRequestEvent) error {
	if !e.HasSuperuserAuth() {
		if err := requireShowing(e.App, e.Auth.Id); err != nil {
			return err
		}
		keepClientFields(e.Record)
		e.Record.Set("user", e.Auth.Id)
	}
	for name, value := range map[string]string{"kind": "need", "urgency": "normal", "status": "open"} {
		if e.Record.GetString(name) == "" {
			e.Record.Set(name, value)
		}
	}
	return e.Next()
}

func takeHelpRequestEdit(e *core.RecordRequestEvent) error {
	if !e.HasSuperuserAuth() {
		if err := requireShowing(e.App, e.Auth.Id); err != nil {
			return err
		}
		keepClientFields(e.Record)
	}
	return e.Next()
}

// requireShowing refuses a member whose standing forbids content that others see.
func requireShowing(app core.App, member string) error {
	standing, err := collections.LoadStanding(app, member, time.Now())
	if err != nil {
		return err
	}
	return refusal.FromCode(standing.MayShow())
}

func checkHelpRequest(e *core.RecordEvent) error {
	kinds := map[string]text.Kind{"title": text.Title, "description": text.Long, "category": text.Short, "location": text.Short}
	if err := checkFields(e.Record, kinds); err != nil {
		return err
	}
	for _, name := range []string{"kind", "urgency", "status"} {
		if e.Record.GetString(name) == "" {
			return refusal.Field(name, refusal.Required, "Choose a value.")
		}
	}
	return e.Next()
}

// checkFields refuses the first text field that breaks the rules of its kind.
func checkFields(record *core.Record, kinds map[string]text.Kind) error {
	for name, kind := range kinds {
		if problem := text.Check(kind, record.GetString(name)); problem != nil {
			return refusal.Field(name, refusal.Code(problem.Code), problem.Sentence)
		}
	}
	return nil
}

// tellOfStatus adds a help_request_update to the conversations about a request whose status has changed.
func tellOfStatus(e *core.RecordEvent) error {
	before := e.Record.Original().GetString("status")
	if err := e.Next(); err != nil {
		return err
	}
	request := collections.AsHelpRequest(e.Record)
	if before == request.Status() {
		return nil
	}
	conversations, err := collections.ConversationsAbout(e.App, request.Id)
	if err != nil {
		return err
	}
	for _, c := range conversations {
		if err := tellConversation(e.App, c, request); err != nil {
			return err
		}
	}
	return nil
}

// tellConversation leaves out conversations that were not accepted by both, and those with a member whom the owner has
// blocked: for them the request is gone.
func tellConversation(app core.App, c *collections.Conversation, request *collections.HelpRequest) error {
	s, err := collections.Situate(app, c.Id, request.Owner(), time.Now())
	if refusal.IsNotFound(err) {
		return nil // the owner is no longer in the conversation
	}
	if err != nil {
		return err
	}
	if !s.Own.Sees() || !s.Own.Accepted() || s.Other == nil || !s.Other.Accepted() || s.Other.Left() || s.Blocking {
		return nil
	}
	m, err := collections.NewMessage(app, "", c.Id, request.Owner(), request.Status())
	if err != nil {
		return err
	}
	m.SetType(collections.TypeHelpRequestUpdate)
	return app.Save(m)
}

func forgetHelpRequest(e *core.RecordEvent) error {
	if err := collections.ForgetHelpRequest(e.App, e.Record.Id); err != nil {
		return err
	}
	return e.Next()
}
