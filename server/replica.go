package server

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/internal/background"
	"carecollective/internal/bind"
	"carecollective/internal/replication"
	"carecollective/internal/store"
)

// replicaEnv names the folder that every change of the database is copied to within a second. It is read before the flags are, because the
// database is opened in another way then.
const replicaEnv = "CARECOLLECTIVE_REPLICA"

// replicate copies the database to folder while the server runs; empty is nowhere.
func replicate(app core.App, folder string) {
	if folder == "" {
		return
	}
	app.OnBackupCreate().Bind(bind.Handler("replica.backup.without", func(e *core.BackupEvent) error {
		e.Exclude = append(e.Exclude, replication.LocalDir)
		return e.Next()
	}))
	// Nobody but the replica can empty the log. Commands leave it to the server, which does it every hour.
	store.SetWALTruncator(app, func() error { return nil })
	background.Start(app, "replica", background.Replica, func(e *core.ServeEvent) (func(), error) { return startReplica(e.App, folder) })
}

func startReplica(app core.App, folder string) (stop func(), err error) {
	// PocketBase's nightly job would hold up all writers while it waits for the log that the replica reads.
	app.Cron().Remove("__pbDBOptimize__")
	replica, err := replication.Start(context.Background(), app.DataDir(), folder, slog.New(quietly{app.Logger().Handler()}))
	if err != nil {
		return nil, err
	}
	store.SetWALTruncator(app, func() error { return replica.EmptyLog(context.Background()) })
	app.Cron().MustAdd("replica.optimize", "0 0 * * *", func() {
		if _, err := app.NonconcurrentDB().NewQuery("PRAGMA optimize").Execute(); err != nil {
			app.Logger().Warn("Failed to optimize the database", "error", err)
		}
	})
	return func() {
		if err := replica.Stop(context.Background()); err != nil {
			app.Logger().Error("Failed to copy the latest changes to the replica", "error", err)
		}
	}, nil
}

// apart refuses a replica that is on the same path as the data.
func apart(folder, dataDir string) error {
	if folder == "" {
		return nil
	}
	replica, err := filepath.Abs(folder)
	if err != nil {
		return fmt.Errorf("find the replica: %w", err)
	}
	data, err := filepath.Abs(dataDir)
	if err != nil {
		return fmt.Errorf("find the data directory: %w", err)
	}
	if strings.HasPrefix(replica+string(os.PathSeparator), data+string(os.PathSeparator)) {
		return fmt.Errorf("the replica %s is inside the data directory: name a folder on another disk in %s", replica, replicaEnv)
	}
	return nil
}

// quietly drops the replica's log lines about every copy.
type quietly struct{ slog.Handler }

// Enabled lets pass what someone should look at.
func (q quietly) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && q.Handler.Enabled(ctx, level)
}

// WithAttrs keeps dropping.
func (q quietly) WithAttrs(attrs []slog.Attr) slog.Handler {
	return quietly{q.Handler.WithAttrs(attrs)}
}

// WithGroup keeps dropping.
func (q quietly) WithGroup(name string) slog.Handler { return quietly{q.Handler.WithGroup(name)} }
