// Package export makes members' exports: files with everything that the collective stores about them and that they
// may see, as JSON for programs, tables, and pages that can be read without a network. It shows everything through the
// views of the API, one page of messages at a time, so that it needs little memory for any number of messages.
package export

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/internal/background"
	"carecollective/internal/bind"
)

// errGone ends an export whose owner was deleted.
var errGone = errors.New("the export is gone")

// Register makes exports in the background while the app serves, and deletes them when they expire.
func Register(app core.App) {
	wake := make(chan struct{}, 1)
	app.OnRecordAfterCreateSuccess(collections.Exports).Bind(bind.Handler("exports.create.wake", func(e *core.RecordEvent) error {
		select {
		case wake <- struct{}{}:
		default: // it is to look already
		}
		return e.Next()
	}))
	background.Run(app, "exports", background.Workers, func(ctx context.Context) { work(ctx, app, wake) })
	app.Cron().MustAdd("collective.exports", "27 * * * *", func() {
		if err := Sweep(app, time.Now()); err != nil {
			app.Logger().Error("Failed to delete old exports", "error", err)
		}
	})
	app.OnBackupCreate().Bind(bind.Handler("exports.backup.without", withoutExports))
	app.OnBackupRestore().Bind(bind.Handler("exports.restore.without", withoutExports))
}

// withoutExports excludes the files from backups, and keeps them when one is restored.
func withoutExports(e *core.BackupEvent) error {
	e.Exclude = append(e.Exclude, collections.ExportsDir)
	return e.Next()
}

// work makes one export after the other. What a kill has interrupted is found again and restarted.
func work(ctx context.Context, app core.App, wake <-chan struct{}) {
	for {
		export, err := collections.FindRunningExport(app)
		if err != nil {
			app.Logger().Error("Failed to find pending exports", "error", err)
		}
		if export == nil {
			select {
			case <-ctx.Done():
				return
			case <-wake:
				continue
			}
		}
		if err := Make(ctx, app, export, time.Now()); err != nil {
			if ctx.Err() != nil {
				return
			}
			app.Logger().Error("Failed to create an export", "export", export.Id, "error", err)
			if err := export.Fail(app, time.Now()); err != nil {
				app.Logger().Error("Failed to record that an export failed", "export", export.Id, "error", err)
				return // or it would be tried without end; the next start tries it again
			}
		}
	}
}

// Make makes one export. If it fails, only its row is left.
func Make(ctx context.Context, app core.App, export *collections.Export, now time.Time) error {
	file, err := create(app, export)
	if err != nil {
		return err
	}
	err = fill(ctx, app, export, file, now)
	if err == nil {
		err = file.finish()
	} else {
		file.abandon()
	}
	if err == nil {
		var goesOn bool
		if goesOn, err = export.Finish(app, file.size, now); err == nil && !goesOn {
			err = errGone
		}
	}
	if err != nil {
		err = errors.Join(err, forget(app, export.Id))
	}
	if errors.Is(err, errGone) {
		return nil
	}
	return err
}

// Sweep deletes expired exports, and files that belong to no export.
func Sweep(app core.App, now time.Time) error {
	expired, err := collections.FindExpiredExports(app, now)
	if err != nil {
		return err
	}
	for _, export := range expired {
		if err := errors.Join(forget(app, export.Id), export.Drop(app)); err != nil {
			return err
		}
	}
	entries, err := os.ReadDir(filepath.Join(app.DataDir(), collections.ExportsDir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("look for files of exports: %w", err)
	}
	for _, entry := range entries {
		known, err := collections.HasExport(app, entry.Name())
		if err == nil && !known {
			err = forget(app, entry.Name())
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// forget deletes the key of an export, and then its file.
func forget(app core.App, id string) error {
	if err := ShredExport(app, id); err != nil {
		return err
	}
	err := os.Remove(filepath.Join(app.DataDir(), collections.ExportsDir, id))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("delete the file of an export: %w", err)
	}
	return nil
}
