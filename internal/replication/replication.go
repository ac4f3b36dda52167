// Package replication copies every change of a database to another folder within a second, with Litestream, and restores the database from
// there. It knows only files, not the contents of the database.
package replication

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/benbjohnson/litestream"
	"github.com/benbjohnson/litestream/file"
)

const (
	syncGap      = 200 * time.Millisecond // between copies of what is new
	shutdownTime = 2 * time.Second        // for the last copy

	// Of what is over, so much is kept: it is what a restore to an earlier moment would need, and what is erased goes with it.
	snapshotGap  = 24 * time.Hour
	snapshotKept = 24 * time.Hour

	databaseName = "data.db"
	changesName  = "changes" // in the replica: the folder of the changes
)

// besides are the files beside the database without which it cannot be opened, as far as they are there. None of them changes.
var besides = []string{"keystore.id", "settings.key"}

// LocalDir is the folder in the data directory in which changes wait to be copied. It does not belong in backups.
const LocalDir = "." + databaseName + litestream.MetaDirSuffix

// Replica copies the database of a data directory.
type Replica struct {
	db    *litestream.DB
	store *litestream.Store
}

// Start begins to copy the database in dataDir to the folder replica. The database must be in WAL mode, and nobody else may move its log into
// the file (wal_autocheckpoint = 0).
func Start(ctx context.Context, dataDir, replica string, logger *slog.Logger) (*Replica, error) {
	if err := os.MkdirAll(replica, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of the replica: %w", err)
	}
	for _, name := range besides {
		if err := copyFile(filepath.Join(dataDir, name), filepath.Join(replica, name)); err != nil {
			return nil, fmt.Errorf("copy %s to the replica: %w", name, err)
		}
	}
	db := attach(filepath.Join(dataDir, databaseName), replica)
	db.MonitorInterval, db.Replica.SyncInterval = syncGap, syncGap
	levels := litestream.CompactionLevels{{Level: 0}, {Level: 1, Interval: 30 * time.Second}, {Level: 2, Interval: 5 * time.Minute}, {Level: 3, Interval: time.Hour}}
	store := litestream.NewStore([]*litestream.DB{db}, levels)
	store.SnapshotInterval, store.SnapshotRetention = snapshotGap, snapshotKept
	store.SetShutdownSyncTimeout(shutdownTime)
	store.Logger = logger
	db.SetLogger(logger)
	if err := store.Open(ctx); err != nil {
		return nil, fmt.Errorf("start the replica: %w", err)
	}
	return &Replica{db, store}, nil
}

func attach(path, replica string) *litestream.DB {
	db := litestream.NewDB(path)
	client := file.NewReplicaClient(filepath.Join(replica, changesName))
	db.Replica = litestream.NewReplicaWithClient(db, client)
	client.Replica = db.Replica
	return db
}

// Flush waits until all that was committed is copied.
func (r *Replica) Flush(ctx context.Context) error {
	if err := r.db.SyncAndWait(ctx); err != nil {
		return fmt.Errorf("copy what is new to the replica: %w", err)
	}
	return nil
}

// EmptyLog checkpoints and truncates the log of the database, which only the replica can do while it is copied.
func (r *Replica) EmptyLog(ctx context.Context) error {
	if err := r.db.Checkpoint(ctx, litestream.CheckpointModeTruncate); err != nil {
		return fmt.Errorf("truncate the log: %w", err)
	}
	return nil
}

// Stop copies the rest and ends.
func (r *Replica) Stop(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, shutdownTime)
	defer cancel()
	return errors.Join(r.Flush(ctx), r.store.Close(ctx)) // a replica that has just begun would not copy anything by itself
}

// Restore restores the database from the folder replica into dataDir, where there must be none. After a kill it can be repeated.
func Restore(ctx context.Context, replica, dataDir string) error {
	path := filepath.Join(dataDir, databaseName)
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%s already exists: nothing is replaced; move it away first", path)
	}
	if err := os.MkdirAll(dataDir, 0o700); err != nil {
		return fmt.Errorf("make the data directory: %w", err)
	}
	draft, err := os.MkdirTemp(dataDir, ".restore-")
	if err != nil {
		return fmt.Errorf("create a folder for the database: %w", err)
	}
	defer os.RemoveAll(draft)
	restored := filepath.Join(draft, databaseName)
	options := litestream.RestoreOptions{OutputPath: restored, Parallelism: 2, IntegrityCheck: litestream.IntegrityCheckQuick}
	if err := attach(restored, replica).Replica.Restore(ctx, options); err != nil {
		return fmt.Errorf("restore from %s: %w", replica, err)
	}
	for _, name := range besides {
		if err := copyFile(filepath.Join(replica, name), filepath.Join(dataDir, name)); err != nil {
			return fmt.Errorf("restore %s: %w", name, err)
		}
	}
	if err := os.Rename(restored, path); err != nil {
		return fmt.Errorf("move the database to its path: %w", err)
	}
	return syncFolder(dataDir)
}

// copyFile makes a private copy, safely on the disk. What is not there is not copied, and what stands there with the same content stays.
func copyFile(from, to string) error {
	source, err := os.Open(from)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer source.Close()
	draft, err := os.CreateTemp(filepath.Dir(to), "."+filepath.Base(to)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(draft.Name())
	_, err = io.Copy(draft, source)
	if err := errors.Join(err, draft.Sync(), draft.Close()); err != nil {
		return err
	}
	if err := os.Rename(draft.Name(), to); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(to))
}

func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
