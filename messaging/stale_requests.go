package messaging

import (
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/internal/changes"
	"carecollective/internal/store"
)

// CloseStaleRequests closes requests that were never accepted in time, so that they can be made again.
func CloseStaleRequests(app core.App, before, now time.Time) error {
	return closeRequests(app, "kind = 'direct'", "requested_at < {:before}", dbx.Params{"before": store.Stamp(before)}, now)
}

// closeRequestsOf closes the requests of asker to asked that were never accepted, when asker may ask again.
func closeRequestsOf(app core.App, asker, asked string, before, now time.Time) error {
	return closeRequests(app, "pair = {:pair}", "invited_by = {:asker} AND requested_at < {:before}",
		dbx.Params{"pair": collections.Pair(asker, asked), "asker": asker, "before": store.Stamp(before)}, now)
}

// CloseAllRequestsOf closes every request of asker that was not accepted.
func CloseAllRequestsOf(app core.App, asker string, now time.Time) error {
	return closeRequests(app, "kind = 'direct'", "invited_by = {:asker}", dbx.Params{"asker": asker}, now)
}

// closeRequests closes the conversations with a matching, unaccepted request, and announces it to those who see them.
func closeRequests(app core.App, conversation, request string, params dbx.Params, now time.Time) error {
	params["now"] = store.Stamp(now)
	var ids []string
	err := app.DB().NewQuery(`UPDATE conversations SET status = 'closed', updated_at = {:now}
		WHERE ` + conversation + ` AND status = 'active' AND id IN (
			SELECT conversation FROM conversation_participants
			WHERE requested_at != '' AND consent != 'accepted' AND ` + request + `)
		RETURNING id`).Bind(params).Column(&ids)
	if err != nil {
		return fmt.Errorf("close requests: %w", err)
	}
	for _, id := range ids {
		audience, err := AudienceOf(app, id, nil)
		if err != nil {
			return err
		}
		if err := collections.TouchAll(app, id, now); err != nil {
			return err
		}
		changes.Announce(app, changes.Change{Collection: collections.Conversations, Action: changes.ActionUpdate, ID: id, For: audience})
	}
	return nil
}
