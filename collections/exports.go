package collections

import (
	"fmt"
	"path/filepath"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/internal/store"
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

const exportLasts = 24 * time.Hour

// ExportAgain is how old an export may be that is returned again instead of making another one.
const ExportAgain = time.Hour

// Export is a file with all data of a member, while it is made and for a day after.
type Export struct{ core.BaseRecordProxy }

// AsExport reads record, a row of exports.
func AsExport(record *core.Record) *Export {
	e := &Export{}
	e.SetProxyRecord(record)
	return e
}

// FindExport finds an export of a member; nil when there is none.
func FindExport(app core.App, id, user string) (*Export, error) {
	return store.Typed(AsExport)(store.FindOne(app, Exports, dbx.HashExp{"id": id, "user": user}))
}

// FindRunningExport finds the next export to make; nil if there is none.
func FindRunningExport(app core.App) (*Export, error) {
	return store.Typed(AsExport)(store.FindOne(app, Exports, dbx.HashExp{"status": ExportRunning}, "created_at", "id"))
}

// FindExpiredExports finds the expired exports.
func FindExpiredExports(app core.App, now time.Time) (expired []*Export, err error) {
	err = app.RecordQuery(Exports).AndWhere(dbx.NewExp("status != 'running' AND expires_at < {:now}", dbx.Params{"now": store.Stamp(now)})).All(&expired)
	if err != nil {
		return nil, fmt.Errorf("find expired exports: %w", err)
	}
	return expired, nil
}

// HasExport reports whether an export with that id still exists.
func HasExport(app core.App, id string) (bool, error) {
	n, err := store.Count(app, "SELECT COUNT(*) FROM exports WHERE id = {:id}", dbx.Params{"id": id})
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
		dbx.Params{"size": size, "until": store.Stamp(now.Add(exportLasts))})
}

// Fail records that the export failed. The member can request it again.
func (e *Export) Fail(app core.App, now time.Time) error {
	_, err := e.change(app, "status = 'failed', expires_at = {:until}", dbx.Params{"until": store.Stamp(now.Add(exportLasts))})
	return err
}

func (e *Export) change(app core.App, set string, params dbx.Params) (bool, error) {
	params["id"], params["now"] = e.Id, store.Stamp(time.Now())
	result, err := app.DB().NewQuery("UPDATE exports SET " + set + ", updated_at = {:now} WHERE id = {:id}").Bind(params).Execute()
	if err != nil {
		return false, fmt.Errorf("record the progress of the export %s: %w", e.Id, err)
	}
	n, err := result.RowsAffected()
	return n > 0, err
}

// Drop deletes the row, after its key and its file.
func (e *Export) Drop(app core.App) error {
	return store.Exec(app, "DELETE FROM exports WHERE id = {:id}", dbx.Params{"id": e.Id})
}

// Path is where the file lies.
func (e *Export) Path(app core.App) string { return filepath.Join(app.DataDir(), ExportsDir, e.Id) }

// ExportScope names the key of one export, which is destroyed with its file.
func ExportScope(id string) string { return "export:" + id }

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
