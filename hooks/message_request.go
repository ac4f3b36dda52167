package hooks

import (
	"net/http"
	"time"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/attachments"
	"carecollective/audit"
	"carecollective/collections"
	"carecollective/internal/changes"
	"carecollective/internal/store"
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

	if attachments.HasUploads(m) || e.App.TxInfo() != nil { // before pictures are read; and for a batch, in which nothing can be rolled back alone
		if answered, err := answerRetry(e, m); answered || err != nil {
			return err
		}
	}
	if m.Conversation() == "" {
		return refusal.Field("conversation", refusal.Required, "`conversation` is missing.")
	}
	if err := messaging.StoreUploads(e.Request.Context(), e.App, m); err != nil {
		return err
	}
	e.App = changes.Writers(e.App).Grouped(e.App)
	err = e.Next()
	if err == nil || !e.Record.IsNew() { // once it is stored, an error comes from a later request of the same batch
		return err
	}
	attachments.Discard(e.App, m)
	if answered, retryErr := answerRetry(e, m); answered || retryErr != nil {
		return retryErr
	}
	return err
}

// answerRetry answers with the stored message if its id is known: nothing is checked or written again.
func answerRetry(e *core.RecordRequestEvent, m *collections.Message) (bool, error) {
	stored, err := messaging.FindRetry(e.App, m.Id, m.Sender(), m.Conversation())
	if err != nil || stored == nil {
		return false, err
	}
	record := stored.ProxyRecord()
	if err := apis.EnrichRecord(e.RequestEvent, record); err != nil {
		return true, err
	}
	e.Record = record
	return true, e.JSON(http.StatusOK, record)
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
	return outer.RunInTransaction(func(txApp core.App) error {
		m, err := collections.FindMessage(txApp, e.Record.Id) // as it is inside the transaction
		if err != nil {
			return err
		}
		now := time.Now()
		s, err := messaging.AdmitEdit(txApp, m, now)
		if err != nil {
			return err
		}
		before, err := m.Unseal(txApp)
		if err != nil {
			return err
		}
		if err := messaging.KeepForBlockers(txApp, m, s.Blockers, before); err != nil {
			return err
		}
		m.SetText(content)
		m.Acknowledge(acknowledged)
		m.MarkEdited(now)
		if err := messaging.Seal(txApp, m); err != nil {
			return err
		}
		e.App, e.Record = txApp, m.ProxyRecord()
		if err := e.Next(); err != nil {
			return err
		}
		if err := moderation.KeepEdit(txApp, m, now); err != nil {
			return err
		}
		if m.Flagged() {
			if err := moderation.FlagForModerators(txApp, m); err != nil {
				return err
			}
		}
		s.AnnounceChanged(txApp, m, s.Blockers)
		return audit.Record(txApp, audit.AuditEdited, m.Id, m.Sender(), nil, now)
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
	err := e.App.RunInTransaction(func(txApp core.App) error {
		m, err := collections.FindMessage(txApp, e.Record.Id)
		if err != nil {
			return err
		}
		if m == nil {
			return refusal.NotFound()
		}
		if m.Deleted() {
			return nil
		}
		if m.Type() != collections.TypeText {
			return refusal.Policy(refusal.NotAllowed)
		}
		now := time.Now()
		s, err := messaging.LoadAccess(txApp, m.Conversation(), m.Sender(), now)
		if err != nil {
			return err
		}
		if !s.Own.Sees() {
			return refusal.NotFound()
		}
		m.Erase(now)
		if err := txApp.SaveNoValidate(m); err != nil {
			return err
		}
		if err := messaging.RecountAll(txApp, m.Conversation()); err != nil {
			return err
		}
		s.AnnounceChanged(txApp, m, nil)
		s.AnnounceCounts(txApp, m)
		if err := audit.Record(txApp, audit.AuditDeleted, m.Id, m.Sender(), nil, now); err != nil {
			return err
		}
		return attachments.DropFiles(txApp, m.Id)
	})
	if err != nil {
		return err
	}
	if err := store.TruncateWAL(e.App); err != nil { // the message is deleted anyway
		e.App.Logger().Error("Failed to truncate the database's log after a deletion", "error", err)
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
