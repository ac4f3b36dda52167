package views

import (
	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/messaging"
)

// Entry shows a conversation as the routes do: the record with its participants, its last message, its
// unread count and its help request.
func Entry(app core.App, viewer Viewer, e *messaging.Entry) (map[string]any, error) {
	side := Side{Own: e.Own, Blocking: e.Blocking, HelpSeen: e.HelpRequest != nil}
	if err := Conversation(app, viewer, e.Conversation, side); err != nil {
		return nil, err
	}
	shown := e.Conversation.PublicExport()
	shown["participants"] = people(e)
	shown["unread_count"] = e.Own.Unread()
	shown["consent"] = shownConsent(e)
	shown["is_blocked"] = e.Blocking
	shown["help_request"] = nil
	if e.HelpRequest != nil {
		shown["help_request"] = e.HelpRequest.PublicExport()
	}
	shown["last_message"] = nil
	if e.Last != nil {
		e.Freeze(e.Last)
		if err := Message(app, viewer, e.Last, side.HelpSeen); err != nil {
			return nil, err
		}
		shown["last_message"] = e.Last.PublicExport()
	}
	return shown, nil
}

func people(e *messaging.Entry) []map[string]any {
	shown := make([]map[string]any, 0, len(e.People))
	for _, p := range e.People {
		shown = append(shown, map[string]any{
			"id": p.ID, "name": p.Name, "avatar": p.Avatar, "location": p.Location, "role": p.Role,
		})
	}
	return shown
}

// shownConsent returns the recipient's answer, as far as the requester may know it; otherwise the viewer's own.
func shownConsent(e *messaging.Entry) string {
	other := e.Other()
	if other == nil || e.Conversation.CreatedBy() != e.Own.User() {
		return e.Own.Consent()
	}
	if other.Consent == collections.ConsentAccepted {
		return collections.ConsentAccepted
	}
	return collections.ConsentPending
}
