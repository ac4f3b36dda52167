package outbox

import (
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/internal/changes"
	"carecollective/internal/store"
)

// MarkNoticesRead marks the member's notifications about a conversation as read, since they have read the conversation itself.
func MarkNoticesRead(app core.App, user, conversation string, now time.Time) error {
	return readNotices(app, dbx.HashExp{"user": user, "conversation": conversation, "read_at": ""}, now)
}

// MarkAllNoticesRead marks all notifications of the member as read.
func MarkAllNoticesRead(app core.App, user string, now time.Time) error {
	return readNotices(app, dbx.HashExp{"user": user, "read_at": ""}, now)
}

func readNotices(app core.App, where dbx.Expression, now time.Time) error {
	var open []*collections.Notice
	if err := store.Untimed(app.RecordQuery(collections.Notifications).AndWhere(where).OrderBy("created_at", "id")).All(&open); err != nil {
		return fmt.Errorf("find unread notifications: %w", err)
	}
	for _, n := range open {
		n.Set(collections.FieldReadAt, store.DateTime(now))
		n.SetRaw(collections.FieldUpdatedAt, store.DateTime(now))
		err := store.Exec(app, "UPDATE notifications SET read_at = {:now}, updated_at = {:now} WHERE id = {:id}",
			dbx.Params{"id": n.Id, "now": store.Stamp(now)})
		if err != nil {
			return err
		}
		if !n.Silent() {
			changes.AnnounceOwn(app, changes.ActionUpdate, n.User(), n.ProxyRecord())
		}
	}
	return nil
}
