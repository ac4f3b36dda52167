package routes

import (
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/export"
	"carecollective/refusal"
)

// askExport answers POST /me/export: the file is made in the background.
func askExport(e *core.RequestEvent) error {
	if err := ownersOnly(e); err != nil {
		return err
	}
	var asked *collections.Export
	err := e.App.RunInTransaction(func(txApp core.App) (err error) {
		asked, err = export.Ask(txApp, e.Auth.Id, time.Now())
		return err
	})
	if err != nil {
		return err
	}
	return e.JSON(http.StatusAccepted, map[string]any{"export": asked.Shown()})
}

// viewExport answers GET /me/export/{id}.
func viewExport(e *core.RequestEvent) error {
	made, err := ownExport(e)
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, map[string]any{"export": made.Shown()})
}

// downloadExport answers GET /me/export/{id}/download with the file. It is decrypted while it is sent, so that it is never
// stored in plain text.
func downloadExport(e *core.RequestEvent) error {
	made, err := ownExport(e)
	if err != nil {
		return err
	}
	if made.Status() != collections.ExportReady {
		return refusal.Conflict("The file is not ready yet. Try again later.")
	}
	file, err := export.Open(e.App, made)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // it was only read
	header := e.Response.Header()
	header.Set("Content-Type", "application/zip")
	header.Set("Content-Disposition", `attachment; filename="export.zip"`)
	header.Set("Content-Length", strconv.Itoa(made.Size()))
	header.Set("Cache-Control", "private, no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	e.Response.WriteHeader(http.StatusOK)
	if _, err := io.Copy(e.Response, file); err != nil {
		e.App.Logger().Warn("Failed to send an export completely", "export", made.Id, "error", err)
		panic(http.ErrAbortHandler) // the length was announced, so the client must learn that the file is incomplete
	}
	return nil
}

// ownExport returns the caller's export with that id until it expires.
func ownExport(e *core.RequestEvent) (*collections.Export, error) {
	if err := ownersOnly(e); err != nil {
		return nil, err
	}
	made, err := collections.FindExport(e.App, id(e), e.Auth.Id)
	if err == nil && (made == nil || made.Expired(time.Now())) {
		err = refusal.NotFound()
	}
	return made, err
}
