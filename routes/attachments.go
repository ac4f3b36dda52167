package routes

import (
	"errors"
	"net/http"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/filesystem"

	"carecollective/collections"
	"carecollective/images"
	"carecollective/refusal"
)

// viewAttachment answers GET /messages/{id}/attachments/{name}: to those who read the message now, and to nobody else.
func viewAttachment(e *core.RequestEvent) error {
	m, _, err := collections.FindVisible(e.App, id(e), e.Auth.Id)
	if err != nil {
		return err
	}
	if m == nil || !caller(e).Reads || m.Deleted() || (m.Sender() != e.Auth.Id && (m.Taken() || m.WithheldFrom(e.Auth.Id))) {
		return refusal.NotFound()
	}
	files, err := m.Files(e.App)
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
	data, kind, err := files.Open(e.App, e.Request.PathValue("name"), preview)
	if collections.Unreadable(err) || errors.Is(err, filesystem.ErrNotFound) {
		return refusal.NotFound()
	}
	if err != nil {
		return err
	}
	if data == nil {
		return refusal.NotFound()
	}
	header := e.Response.Header()
	header.Set("Cache-Control", "private, no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	header.Set("Content-Disposition", `inline; filename="picture`+extension(kind)+`"`)
	return e.Blob(http.StatusOK, kind, data)
}

func extension(kind string) string {
	if kind == images.PNG {
		return ".png"
	}
	return ".jpg"
}
