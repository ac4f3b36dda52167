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

// WriteStatusUpdate leaves out conversations that were not accepted by both, and those with a member whom the owner has
// blocked: for them the request is gone.
func WriteStatusUpdate(app core.App, c *collections.Conversation, request *collections.HelpRequest) error {
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
