package server

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/internal/background"
	"carecollective/internal/bind"
)

// sharedMemory are the files by which the connections of one database agree. They are worth nothing in a backup, and are
// never opened but by SQLite: see [hold].
var sharedMemory = []string{"data.db-shm", "auxiliary.db-shm"}

// hold prevents the commands that run beside the server from deleting its log. SQLite's locks belong to the process, and
// the kernel drops all that a process has on a file when it closes the file but once, as a backup does. The next command
// would then believe itself alone and delete the log when it ends, and what the server writes from then on would be lost.
// The locks of hold belong to files that stay open, and stand in for SQLite's until the databases are closed.
func hold(app core.App) error {
	var held []*os.File
	for _, name := range []string{"data.db", "auxiliary.db"} {
		file, err := os.Open(filepath.Join(app.DataDir(), name))
		if err == nil {
			err = lockShared(file)
		}
		if err != nil {
			return fmt.Errorf("hold the database: %w", err)
		}
		held = append(held, file) // never closed while SQLite is at work: that would drop its locks
	}
	app.OnBackupCreate().Bind(bind.Handler("hold.backup.withoutSharedMemory", func(e *core.BackupEvent) error {
		e.Exclude = append(e.Exclude, sharedMemory...)
		return e.Next()
	}))
	// After it the databases are closed, and with that the log is moved into the file.
	background.AtStop(app, "hold", background.Process, func() error {
		var failed []error
		for _, file := range held {
			failed = append(failed, unlock(file))
		}
		return errors.Join(failed...)
	})
	return nil
}
