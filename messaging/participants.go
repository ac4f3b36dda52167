package messaging

import (
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/internal/changes"
	"carecollective/internal/store"
)

// Mute suppresses notifications about the conversation until then; the zero time ends it.
func Mute(app core.App, p *collections.Participant, until time.Time) error {
	p.Set(collections.FieldMutedUntil, store.DateTime(until))
	if until.IsZero() {
		p.Set(collections.FieldMutedUntil, "")
	}
	err := store.Exec(app, "UPDATE conversation_participants SET muted_until = {:until} WHERE id = {:id}",
		dbx.Params{"id": p.Id, "until": p.GetDateTime(collections.FieldMutedUntil).String()})
	if err != nil {
		return err
	}
	changes.Announce(app, Changed(p, p.User()))
	return nil
}
