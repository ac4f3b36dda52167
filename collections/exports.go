package collections

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/vault"
)

// The states of an export.
const (
	ExportRunning = "running"
	ExportReady   = "ready"
	ExportFailed  = "failed"
)

// ExportsDir is the folder for sealed export files in the data directory.
const ExportsDir = "exports"

const (
	exportLasts = 24 * time.Hour
	exportAgain = time.Hour // a newer export than this is returned again
)

// Export is a file with all data of a member, while it is made and for a day after.
type Export struct{ core.BaseRecordProxy }

// AsExport reads record, a row of exports.
func AsExport(record *core.Record) *Export {
	e := &Export{}
	e.SetProxyRecord(record)
	return e
}

// AskExport starts an export for a member, in the transaction of app. A running or new export is returned again.
func AskExport(app core.App, user string, now time.Time) (*Export, error) {
	known, err := typed(AsExport)(one(app, Exports, dbx.NewExp(
		"user = {:user} AND (status = 'running' OR (status = 'ready' AND created_at > {:since}))",
		dbx.Params{"user": user, "since": Stamp(now.Add(-exportAgain))}), "created_at DESC"))
	if err != nil || known != nil {
		return known, err
	}
	collection, err := app.FindCachedCollectionByNameOrId(Exports)
	if err != nil {
		return nil, err
	}
	e := AsExport(core.NewRecord(collection))
	e.Set("user", user)
	e.Set("status", ExportRunning)
	return e, app.Save(e)
}

// FindExport finds an export of a member; nil when there is none.
func FindExport(app core.App, id, user string) (*Export, error) {
	return typed(AsExport)(one(app, Exports, dbx.HashExp{"id": id, "user": user}))
}

// FindRunningExport finds the next export to make; nil if there is none.
func FindRunningExport(app core.App) (*Export, error) {
	return typed(AsExport)(one(app, Exports, dbx.HashExp{"status": ExportRunning}, "created_at", "id"))
}

// FindExpiredExports finds the expired exports.
func FindExpiredExports(app core.App, now time.Time) (expired []*Export, err error) {
	err = app.RecordQuery(Exports).AndWhere(dbx.NewExp("status != 'running' AND expires_at < {:now}", dbx.Params{"now": Stamp(now)})).All(&expired)
	if err != nil {
		return nil, fmt.Errorf("find expired exports: %w", err)
	}
	return expired, nil
}

// HasExport reports whether an export with that id still exists.
func HasExport(app core.App, id string) (bool, error) {
	n, err := count(app, "SELECT COUNT(*) FROM exports WHERE id = {:id}", dbx.Params{"id": id})
	return n > 0, err
}

// User is the member whose data it contains.
func (e *Export) User() string { return e.GetString("user") }

// Status is running, ready or failed.
func (e *Export) Status() string { return e.GetString("status") }

// Size is the size of the downloaded file in bytes.
func (e *Export) Size() int { return e.GetInt("size") }

// Expired reports whether the export has expired.
func (e *Export) Expired(now time.Time) bool {
	until := e.GetDateTime("expires_at").Time()
	return !until.IsZero() && !now.Before(until)
}

// Shown is the export as its owner sees it.
func (e *Export) Shown() map[string]any {
	return map[string]any{
		"id": e.Id, "status": e.Status(), "progress": e.GetInt("progress"), "expires_at": e.GetDateTime("expires_at").String(),
	}
}

// Advance records the progress in percent. It returns false if the export was deleted with its owner.
func (e *Export) Advance(app core.App, percent int) (goesOn bool, err error) {
	return e.change(app, "progress = {:percent}", dbx.Params{"percent": percent})
}

// Finish records that the export is ready, and for how long.
func (e *Export) Finish(app core.App, size int64, now time.Time) (goesOn bool, err error) {
	return e.change(app, "status = 'ready', progress = 100, size = {:size}, expires_at = {:until}",
		dbx.Params{"size": size, "until": Stamp(now.Add(exportLasts))})
}

// Fail records that the export failed. The member can request it again.
func (e *Export) Fail(app core.App, now time.Time) error {
	_, err := e.change(app, "status = 'failed', expires_at = {:until}", dbx.Params{"until": Stamp(now.Add(exportLasts))})
	return err
}

func (e *Export) change(app core.App, set string, params dbx.Params) (bool, error) {
	params["id"], params["now"] = e.Id, Stamp(time.Now())
	result, err := app.DB().NewQuery("UPDATE exports SET " + set + ", updated_at = {:now} WHERE id = {:id}").Bind(params).Execute()
	if err != nil {
		return false, fmt.Errorf("record the progress of the export %s: %w", e.Id, err)
	}
	n, err := result.RowsAffected()
	return n > 0, err
}

// Drop deletes the row, after its key and its file.
func (e *Export) Drop(app core.App) error {
	return exec(app, "DELETE FROM exports WHERE id = {:id}", dbx.Params{"id": e.Id})
}

// Path is where the file lies.
func (e *Export) Path(app core.App) string { return filepath.Join(app.DataDir(), ExportsDir, e.Id) }

// ExportScope names the key of one export, which is destroyed with its file.
func ExportScope(id string) string { return "export:" + id }

// ShredExport destroys the key of an export's file.
func ShredExport(app core.App, id string) error { return shred(app, ExportScope(id), "") }

// SealPart seals a part of the file. last marks the end of the file, so that a truncated file is detected.
func (e *Export) SealPart(app core.App, n int, last bool, plain []byte) (string, error) {
	return Vault(app).Seal(ExportScope(e.Id), e.GetDateTime("created_at").Time(), e.binding(n, last), plain)
}

// UnsealPart decrypts a part of the file.
func (e *Export) UnsealPart(app core.App, n int, last bool, sealed string) ([]byte, error) {
	return Vault(app).Unseal(ExportScope(e.Id), e.binding(n, last), sealed)
}

func (e *Export) binding(n int, last bool) vault.Binding {
	field := "part"
	if last {
		field = "last"
	}
	return vault.Binding{Table: Exports, Record: e.Id, Field: field, Sender: e.User(), Seq: int64(n)}
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
func EachAuditConcern(app core.App, user string, do func(AuditConcern) error) error {
	for before := math.MaxInt; ; {
		var page []struct {
			Position int `db:"position"`
			AuditConcern
		}
		err := app.DB().NewQuery(`SELECT l.position, l.id, l.action_type, l.message, q.by, l.created_at FROM (
				SELECT * FROM (` + concerns + `) WHERE position < {:before} ORDER BY position DESC LIMIT {:limit}) q
			JOIN message_audit_log l ON l.position = q.position ORDER BY l.position DESC`).
			Bind(dbx.Params{"user": user, "before": before, "limit": auditPage}).All(&page)
		if err != nil {
			return fmt.Errorf("read what the audit log holds about a member: %w", err)
		}
		if len(page) == 0 {
			return nil
		}
		for _, entry := range page {
			before = entry.Position
			if err := do(entry.AuditConcern); err != nil {
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
	err = app.DB().NewQuery("SELECT p.conversation, p.latest_seq FROM conversation_participants p WHERE " + sees +
		" ORDER BY p.latest_at DESC, p.conversation").Bind(dbx.Params{"viewer": member}).All(&all)
	if err != nil {
		return nil, fmt.Errorf("find the conversations of %s: %w", member, err)
	}
	return all, nil
}

// ForgetExports destroys the keys and files of a member's exports. A running export ends on its own.
func ForgetExports(app core.App, user string, _ time.Time) error {
	return EachOf(app, Exports, "user", user, func(record *core.Record) error {
		if err := ShredExport(app, record.Id); err != nil {
			return err
		}
		err := os.Remove(AsExport(record).Path(app))
		if errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
		return err
	})
}
