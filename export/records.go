package export

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/audit"
	"carecollective/collections"
	"carecollective/internal/store"
	"carecollective/messaging"
)

// Ask starts an export for a member, in the transaction of app. A running or new export is returned again.
func Ask(app core.App, user string, now time.Time) (*collections.Export, error) {
	known, err := store.Typed(collections.AsExport)(store.FindOne(app, collections.Exports, dbx.NewExp(
		"user = {:user} AND (status = 'running' OR (status = 'ready' AND created_at > {:since}))",
		dbx.Params{"user": user, "since": store.Stamp(now.Add(-collections.ExportAgain))}), "created_at DESC"))
	if err != nil || known != nil {
		return known, err
	}
	collection, err := app.FindCachedCollectionByNameOrId(collections.Exports)
	if err != nil {
		return nil, err
	}
	e := collections.AsExport(core.NewRecord(collection))
	e.Set(collections.FieldUser, user)
	e.Set(collections.FieldStatus, collections.ExportRunning)
	return e, app.Save(e)
}

// ShredExport destroys the key of an export's file.
func ShredExport(app core.App, id string) error {
	return collections.Shred(app, collections.ExportScope(id), "")
}

// EachOf passes on the records of a collection with that value in a field, the oldest first, a page at a time.
func EachOf(app core.App, collection, field, value string, do func(*core.Record) error) error {
	for after := int64(0); ; {
		var rows []int64
		err := app.DB().Select("rowid").From(collection).Where(dbx.HashExp{field: value}).
			AndWhere(dbx.NewExp("rowid > {:after}", dbx.Params{"after": after})).OrderBy("rowid").Limit(exportPage).Column(&rows)
		if err != nil {
			return fmt.Errorf("list %s: %w", collection, err)
		}
		if len(rows) == 0 {
			return nil
		}
		var page []*core.Record
		last := rows[len(rows)-1]
		err = app.RecordQuery(collection).AndWhere(dbx.HashExp{field: value}).
			AndWhere(dbx.NewExp("rowid > {:after} AND rowid <= {:last}", dbx.Params{"after": after, "last": last})).OrderBy("rowid").All(&page)
		if err != nil {
			return fmt.Errorf("list %s: %w", collection, err)
		}
		for _, record := range page {
			if err := do(record); err != nil {
				return err
			}
		}
		after = last
	}
}

const exportPage = 200

// EachAuditConcern passes on the audit log entries that a member is shown, the newest first, a page at a time.
func EachAuditConcern(app core.App, user string, do func(audit.Concern) error) error {
	for before := math.MaxInt; ; {
		var page []struct {
			Position int `db:"position"`
			audit.Concern
		}
		err := app.DB().NewQuery(`SELECT l.position, l.id, l.action_type, l.message, q.by, l.created_at FROM (
				SELECT * FROM (` + audit.Concerns + `) WHERE position < {:before} ORDER BY position DESC LIMIT {:limit}) q
			JOIN message_audit_log l ON l.position = q.position ORDER BY l.position DESC`).
			Bind(dbx.Params{"user": user, "before": before, "limit": audit.AuditPage}).All(&page)
		if err != nil {
			return fmt.Errorf("read what the audit log holds about a member: %w", err)
		}
		if len(page) == 0 {
			return nil
		}
		for _, entry := range page {
			before = entry.Position
			if err := do(entry.Concern); err != nil {
				return err
			}
		}
	}
}

// Extent is the maximum length of a conversation.
type Extent struct {
	Conversation string `db:"conversation"`
	Messages     int    `db:"latest_seq"`
}

// FindExtents finds the conversations that a member sees, the newest first.
func FindExtents(app core.App, member string) (all []Extent, err error) {
	err = app.DB().NewQuery("SELECT p.conversation, p.latest_seq FROM conversation_participants p WHERE " + messaging.Sees +
		" ORDER BY p.latest_at DESC, p.conversation").Bind(dbx.Params{"viewer": member}).All(&all)
	if err != nil {
		return nil, fmt.Errorf("find the conversations of %s: %w", member, err)
	}
	return all, nil
}

// ForgetOf destroys the keys and files of a member's exports. A running export ends on its own.
func ForgetOf(app core.App, user string, _ time.Time) error {
	return EachOf(app, collections.Exports, "user", user, func(record *core.Record) error {
		if err := ShredExport(app, record.Id); err != nil {
			return err
		}
		err := os.Remove(collections.AsExport(record).Path(app))
		if errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
		return err
	})
}
