package helping

import (
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/internal/store"
	"carecollective/messaging"
	"carecollective/refusal"
)

// Forget removes a request from the conversations and messages about it, which stay.
func Forget(app core.App, id string) error {
	for _, table := range []string{collections.Conversations, collections.Messages} {
		if err := store.Exec(app, "UPDATE "+table+" SET help_request = '' WHERE help_request = {:id}", dbx.Params{"id": id}); err != nil {
			return err
		}
	}
	return nil
}

// WriteStatusUpdates adds a help_request_update to the conversations about a request if its status is no longer before.
func WriteStatusUpdates(app core.App, request *collections.HelpRequest, before string) error {
	if before == request.Status() {
		return nil
	}
	conversations, err := collections.ConversationsAbout(app, request.Id)
	if err != nil {
		return err
	}
	for _, c := range conversations {
		if err := writeStatusUpdate(app, c, request); err != nil {
			return err
		}
	}
	return nil
}

// writeStatusUpdate leaves out conversations that were not accepted by both, and those with a member whom the owner has
// blocked: for them the request is gone.
func writeStatusUpdate(app core.App, c *collections.Conversation, request *collections.HelpRequest) error {
	s, err := messaging.LoadAccess(app, c.Id, request.Owner(), time.Now())
	if refusal.IsNotFound(err) {
		return nil // the owner is no longer in the conversation
	}
	if err != nil {
		return err
	}
	if !s.Own.Sees() || !s.Own.Accepted() || s.Other == nil || !s.Other.Accepted() || s.Other.Left() || s.Blocking {
		return nil
	}
	m, err := collections.NewMessage(app, "", c.Id, request.Owner(), request.Status())
	if err != nil {
		return err
	}
	m.SetType(collections.TypeHelpRequestUpdate)
	return app.Save(m)
}

// ForgetOf removes what refers to the help requests of a member, before they are deleted.
func ForgetOf(app core.App, user string, _ time.Time) error {
	var ids []string
	if err := app.DB().Select("id").From(collections.HelpRequests).Where(dbx.HashExp{"user": user}).Column(&ids); err != nil {
		return fmt.Errorf("find help requests: %w", err)
	}
	for _, id := range ids {
		if err := Forget(app, id); err != nil {
			return err
		}
	}
	return nil
}
