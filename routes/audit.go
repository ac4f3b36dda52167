package routes

import (
	"net/http"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/audit"
)

// viewAudit answers GET /me/audit: the audit log entries that concern the caller, the newest first.
func viewAudit(e *core.RequestEvent) error {
	page, err := pageOf(e, 50, 200)
	if err != nil {
		return err
	}
	entries, total, err := audit.FindConcerns(e.App, e.Auth.Id, page.limit, page.offset())
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, map[string]any{"entries": entries, "pagination": page.shown(total)})
}
