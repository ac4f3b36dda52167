package routes

import (
	"net/http"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/messaging"
	"carecollective/refusal"
	"carecollective/views"
)

// listConversations answers GET /conversations.
func listConversations(e *core.RequestEvent) error {
	filter, page, err := inboxFilter(e)
	if err != nil {
		return err
	}
	entries, err := messaging.FindInbox(e.App, e.Auth.Id, filter)
	if err != nil {
		return err
	}
	total, err := messaging.CountInbox(e.App, e.Auth.Id, filter)
	if err != nil {
		return err
	}
	shown := make([]map[string]any, len(entries))
	for i, entry := range entries {
		if shown[i], err = views.Entry(e.App, caller(e), entry); err != nil {
			return err
		}
	}
	return e.JSON(http.StatusOK, map[string]any{
		"conversations": shown,
		"pagination":    page.shown(total),
	})
}

func inboxFilter(e *core.RequestEvent) (filter messaging.InboxFilter, page paging, err error) {
	if page, err = pageOf(e, 50, 200); err != nil {
		return
	}
	filter.Limit, filter.Offset = page.limit, page.offset()
	if filter.Consent, err = choice(e, "consent", collections.ConsentAccepted, collections.ConsentPending, collections.ConsentDeclined); err != nil {
		return
	}
	if filter.Status, err = choice(e, "status", collections.StatusActive, collections.StatusClosed, collections.StatusBlocked); err != nil {
		return
	}
	archived, err := choice(e, "archived", "true", "false")
	if archived != "" {
		only := archived == "true"
		filter.Archived = &only
	}
	return filter, page, err
}

// viewConversation answers GET /conversations/{id}.
func viewConversation(e *core.RequestEvent) error {
	shown, err := shownConversation(e, id(e))
	if err != nil {
		return err
	}
	if shown == nil {
		return refusal.NotFound()
	}
	return e.JSON(http.StatusOK, map[string]any{"conversation": shown})
}

// shownConversation is a conversation as the caller's list shows it; nil when they do not see it.
func shownConversation(e *core.RequestEvent, conversation string) (map[string]any, error) {
	entry, err := messaging.FindEntry(e.App, e.Auth.Id, conversation)
	if err != nil || entry == nil {
		return nil, err
	}
	return views.Entry(e.App, caller(e), entry)
}
