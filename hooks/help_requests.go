package hooks

import (
	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/helping"
	"carecollective/internal/bind"
	"carecollective/moderation"
	"carecollective/refusal"
	"carecollective/text"
)

func registerHelpRequests(app core.App) {
	app.OnRecordCreateRequest(collections.HelpRequests).Bind(bind.Handler("help_requests.create.request", prepareHelpRequest))
	app.OnRecordUpdateRequest(collections.HelpRequests).Bind(bind.Handler("help_requests.update.request", prepareHelpRequestEdit))
	app.OnRecordValidate(collections.HelpRequests).Bind(bind.Handler("help_requests.validate.text", checkHelpRequest))
	app.OnRecordUpdateExecute(collections.HelpRequests).Bind(bind.Handler("help_requests.update.transaction", inTransaction))
	app.OnRecordUpdateExecute(collections.HelpRequests).Bind(bind.Handler("help_requests.update.tell", writeStatusUpdates))
	app.OnRecordDelete(collections.HelpRequests).Bind(bind.Handler("help_requests.delete.forget", forgetHelpRequest))
}

// prepareHelpRequest makes the caller its owner and fills in defaults.
func prepareHelpRequest(e *core.RecordRequestEvent) error {
	if !e.HasSuperuserAuth() {
		if err := moderation.RequireShowing(e.App, e.Auth.Id); err != nil {
			return err
		}
		keepClientFields(e.Record)
		e.Record.Set(collections.FieldUser, e.Auth.Id)
	}
	for name, value := range map[string]string{"kind": "need", "urgency": "normal", "status": "open"} {
		if e.Record.GetString(name) == "" {
			e.Record.Set(name, value)
		}
	}
	return e.Next()
}

func prepareHelpRequestEdit(e *core.RecordRequestEvent) error {
	if !e.HasSuperuserAuth() {
		if err := moderation.RequireShowing(e.App, e.Auth.Id); err != nil {
			return err
		}
		keepClientFields(e.Record)
	}
	return e.Next()
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

// writeStatusUpdates adds a help_request_update to the conversations about a request whose status has changed.
func writeStatusUpdates(e *core.RecordEvent) error {
	before := collections.AsHelpRequest(e.Record.Original()).Status()
	if err := e.Next(); err != nil {
		return err
	}
	return helping.WriteStatusUpdates(e.App, collections.AsHelpRequest(e.Record), before)
}

func forgetHelpRequest(e *core.RecordEvent) error {
	if err := helping.Forget(e.App, e.Record.Id); err != nil {
		return err
	}
	return e.Next()
}
