package routes

import (
	"net/http"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
)

// viewAudit answers GET /me/audit: the audit log entries that concern the caller, the newest first.
func viewAudit(e *core.RequestEvent) error {
	page, err := number(e, "page", 1, 1, 1_000_000)
	if err != nil {
		return err
	}
	limit, err := number(e, "limit", 50, 1, 200)
	if err != nil {
		return err
	}
	entries, total, err := collections.FindAuditConcerns(e.App, e.Auth.Id, limit, (page-1)*limit)
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, map[string]any{
		"entries": entries, "pagination": map[string]any{"page": page, "limit": limit, "total": total},
	})
}
