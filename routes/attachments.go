package routes

import (
	"errors"
	"net/http"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/filesystem"

	"carecollective/attachments"
	"carecollective/attachments/images"
	"carecollective/audit"
	"carecollective/collections"
	"carecollective/messaging"
	"carecollective/moderation"
	"carecollective/refusal"
)

// viewAttachment answers GET /messages/{id}/attachments/{name}, only for members who may read the message now.
func viewAttachment(e *core.RequestEvent) error {
	m, place, err := messaging.FindVisible(e.App, id(e), e.Auth.Id)
	if err != nil {
		return err
	}
	if messaging.FormFor(place, m) != messaging.Whole || !caller(e).Reads {
		return refusal.NotFound()
	}
	files, err := attachments.Of(e.App, m)
	if err != nil && !collections.Unreadable(err) {
		return err
	}
	return answerPicture(e, files)
}

// answerPicture sends the picture that the path names, or its preview when the query asks for that.
func answerPicture(e *core.RequestEvent, files *collections.Files) error {
	if files == nil {
		return refusal.NotFound()
	}
	preview := e.Request.URL.Query().Has("preview")
	data, kind, err := attachments.Open(e.App, files, e.Request.PathValue("name"), preview)
	if collections.Unreadable(err) || errors.Is(err, filesystem.ErrNotFound) {
		return refusal.NotFound()
	}
	if err != nil {
		return err
	}
	if data == nil {
		return refusal.NotFound()
	}
	return sendPicture(e, kind, data)
}

// sendPicture sends a picture with headers that prevent caching and execution.
func sendPicture(e *core.RequestEvent, kind string, data []byte) error {
	header := e.Response.Header()
	header.Set("Cache-Control", "private, no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	header.Set("Content-Disposition", `inline; filename="picture`+images.Extension(kind)+`"`)
	return e.Blob(http.StatusOK, kind, data)
}

// viewEvidencePicture answers GET /moderation/queue/{id}/attachments/{name}: a picture as it was when it was reported,
// flagged or held. Each look is recorded.
func viewEvidencePicture(e *core.RequestEvent) error {
	c, err := moderation.RequireDecidable(e.App, e.Auth.Id, id(e))
	if err != nil {
		return err
	}
	m, err := collections.FindMessage(e.App, c.Message())
	if err != nil {
		return err
	}
	evidence, err := moderation.EvidenceShown(e.App, c, m)
	if err != nil {
		return err
	}
	if evidence.Files == nil || !caller(e).Reads {
		return refusal.NotFound()
	}
	err = e.App.RunInTransaction(func(txApp core.App) error {
		return audit.Record(txApp, audit.AuditViewed, evidence.Message.ID, e.Auth.Id, map[string]any{"case": c.Id}, time.Now())
	})
	if err != nil {
		return err
	}
	return answerPicture(e, evidence.Files)
}
