package hooks

import (
	"net/http"
	"time"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/attachments"
	"carecollective/collections"
	"carecollective/messaging"
	"carecollective/moderation"
	"carecollective/refusal"
)

// prepareMessage prepares a message that the SDK creates: the caller is its sender, and only the body fields that a client may set
// count. A retry with a known id is answered with the stored message.
func prepareMessage(e *core.RecordRequestEvent) error {
	if e.HasSuperuserAuth() {
		return refusal.Policy(refusal.NotAllowed)
	}
	info, err := e.RequestInfo()
	if err != nil {
		return err
	}
	content, err := contentOf(e, info.Body)
	if err != nil {
		return err
	}
	acknowledged, err := messaging.AcknowledgedIn(e.Request.PostForm, info.Body)
	if err != nil {
		return err
	}
	keepOnly(e.Record, "conversation", "reply_to")
	m := collections.AsMessage(e.Record)
	m.From(e.Auth.Id, content)
	m.Acknowledge(acknowledged)
	files, _ := e.FindUploadedFiles(attachments.Attachments) // an error is a request without files
	if err := attachments.Attach(m, files, info.Body, e.Request.PostForm[attachments.AttachmentAlt]); err != nil {
		return err
	}

	stored, created, err := messaging.Post(e.Request.Context(), e.App, m, func(app core.App) error {
		e.App = app
		return e.Next()
	})
	if err != nil || created {
		return err
	}
	return answerRetry(e, stored)
}

// answerRetry answers with the message that was stored before.
func answerRetry(e *core.RecordRequestEvent, stored *collections.Message) error {
	e.Record = stored.ProxyRecord()
	if err := apis.EnrichRecord(e.RequestEvent, e.Record); err != nil {
		return err
	}
	return e.JSON(http.StatusOK, e.Record)
}

// requireSight refuses a conversation that the member does not see as if it did not exist.
func requireSight(app core.App, conversation, member string) error {
	seen, err := messaging.TakesPart(app, conversation, member)
	if err == nil && !seen {
		return refusal.NotFound()
	}
	return err
}

// editMessage lets the sender change the text of a message, and nothing else.
func editMessage(e *core.RecordRequestEvent) error {
	if e.HasSuperuserAuth() {
		return refusal.Policy(refusal.NotAllowed)
	}
	info, err := e.RequestInfo()
	if err != nil {
		return err
	}
	keepOnly(e.Record)
	if _, given := info.Body[collections.Content]; !given {
		return answerUnchanged(e)
	}
	content, err := contentOf(e, info.Body)
	if err != nil {
		return err
	}
	acknowledged, err := messaging.AcknowledgedIn(e.Request.PostForm, info.Body)
	if err != nil {
		return err
	}
	outer := e.App
	defer func() { e.App = outer }()
	revision := messaging.Revision{Content: content, Acknowledged: acknowledged}
	return messaging.Edit(outer, e.Record.Id, revision, func(txApp core.App, m *collections.Message) error {
		e.App, e.Record = txApp, m.ProxyRecord()
		if err := e.Next(); err != nil {
			return err
		}
		return moderation.ReferEdit(txApp, m, time.Now())
	})
}

// answerUnchanged answers an edit without any editable field: other fields are ignored.
func answerUnchanged(e *core.RecordRequestEvent) error {
	if err := requireSight(e.App, collections.AsMessage(e.Record).Conversation(), e.Auth.Id); err != nil {
		return err
	}
	if err := apis.EnrichRecord(e.RequestEvent, e.Record); err != nil {
		return err
	}
	return e.JSON(http.StatusOK, e.Record)
}

// deleteMessage turns a message into a tombstone: the text is removed from the row, the row stays.
func deleteMessage(e *core.RecordRequestEvent) error {
	if e.HasSuperuserAuth() {
		return refusal.Policy(refusal.NotAllowed)
	}
	if err := messaging.Delete(e.App, e.Record.Id); err != nil {
		return err
	}
	return e.NoContent(http.StatusNoContent)
}

// contentOf reads the text of a message, also from a form, where PocketBase parses 112 as a number.
func contentOf(e *core.RecordRequestEvent, body map[string]any) (string, error) {
	if values := e.Request.PostForm[collections.Content]; len(values) == 1 {
		return values[0], nil
	}
	return textOf(body, collections.Content)
}

// textOf reads a text of the body that has no column of its own.
func textOf(body map[string]any, name string) (string, error) {
	value, ok := body[name].(string)
	if !ok {
		return "", refusal.Field(name, refusal.Required, "`"+name+"` must be a string.")
	}
	return value, nil
}

// keepClientFields resets every field to the stored value, except those that a client may set.
func keepClientFields(record *core.Record) {
	keepOnly(record, collections.ClientFields(record.Collection().Name)...)
}

// keepOnly resets every field to the stored value, except those that a client may set.
func keepOnly(record *core.Record, names ...string) {
	allowed := map[string]bool{core.FieldNameId: record.IsNew()}
	for _, name := range names {
		allowed[name] = true
	}
	original := record.Original()
	for _, field := range record.Collection().Fields {
		if name := field.GetName(); !allowed[name] {
			record.SetRaw(name, original.GetRaw(name))
		}
	}
}
