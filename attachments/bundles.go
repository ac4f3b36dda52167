package attachments

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/filesystem"

	"carecollective/collections"
)

// bundles is the storage folder of all bundles.
const bundles = "attachments/"

// unclaimed is how long a bundle may exist before its message is stored.
const unclaimed = time.Hour

func bundlePath(bundle string) string { return bundles + bundle + "/" }

// keptAsEvidence is true of a message m whose files moderators need as evidence, even if it was deleted.
const keptAsEvidence = `(EXISTS (SELECT 1 FROM message_reports r WHERE r.message = m.id AND r.evidence_sealed != '')
	OR EXISTS (SELECT 1 FROM moderation_cases c WHERE c.message = m.id AND c.evidence_sealed != ''))`

// Discard deletes the files of a message that was not stored. The next sweep deletes what it misses.
func Discard(app core.App, m *collections.Message) {
	if p := uploadOf(m); p != nil && p.files != nil {
		logUnswept(app, dropUnneeded(app, []string{p.files.Bundle}))
	}
}

// DropFiles deletes the files of messages that the transaction of app deletes or empties, once it has committed, but not
// evidence. The next sweep retries failures.
func DropFiles(app core.App, messages ...string) error {
	var dropped []string
	err := app.DB().Select("m.bundle").From("messages m").Where(dbx.In("m.id", collections.List(messages)...)).
		AndWhere(dbx.NewExp("m.bundle != '' AND NOT " + keptAsEvidence)).Column(&dropped)
	if err != nil {
		return fmt.Errorf("find the files of messages: %w", err)
	}
	if len(dropped) == 0 {
		return nil
	}
	tx := app.TxInfo()
	if tx == nil {
		return errors.New("files are dropped in the transaction that takes their messages away")
	}
	tx.OnComplete(func(failed error) error {
		if failed == nil {
			logUnswept(app, deleteBundles(app, dropped))
		}
		return nil
	})
	return nil
}

func logUnswept(app core.App, err error) {
	if err != nil {
		app.Logger().Warn("Failed to delete files; the next sweep will try again", "error", err)
	}
}

// dropUnneeded deletes those bundles that no message needs.
func dropUnneeded(app core.App, ids []string) error {
	needed, err := neededBundles(app, ids)
	if err != nil {
		return err
	}
	return deleteBundles(app, slices.DeleteFunc(ids, func(id string) bool { return needed[id] }))
}

func deleteBundles(app core.App, ids []string) error {
	files, err := app.NewFilesystem()
	if err != nil {
		return fmt.Errorf("open the storage: %w", err)
	}
	defer func() { _ = files.Close() }() // nothing is written
	var failed []error
	for _, id := range ids {
		for _, err := range files.DeletePrefix(bundlePath(id)) {
			if !errors.Is(err, filesystem.ErrNotFound) {
				failed = append(failed, fmt.Errorf("delete files: %w", err))
			}
		}
	}
	return errors.Join(failed...)
}

// neededBundles returns which of the bundles are needed.
func neededBundles(app core.App, ids []string) (map[string]bool, error) {
	needed := map[string]bool{}
	for chunk := range slices.Chunk(ids, 500) {
		var found []string
		err := app.DB().Select("m.bundle").From("messages m").
			Where(dbx.In("m.bundle", collections.List(chunk)...)).AndWhere(dbx.NewExp("m.bundle != '' AND (m.attachments_sealed != '' OR " + keptAsEvidence + ")")).Column(&found)
		if err != nil {
			return nil, fmt.Errorf("find whose files are needed: %w", err)
		}
		for _, id := range found {
			needed[id] = true
		}
	}
	return needed, nil
}

// SweepFiles deletes every bundle that no message needs: of an interrupted upload, of a message that could not be
// stored, of one that was deleted. A message that is being stored right now is given an hour.
func SweepFiles(app core.App, now time.Time) error {
	files, err := app.NewFilesystem()
	if err != nil {
		return fmt.Errorf("open the storage: %w", err)
	}
	defer func() { _ = files.Close() }() // nothing is written
	stored, err := files.List(bundles)
	if err != nil {
		return fmt.Errorf("list the files of messages: %w", err)
	}
	newest := map[string]time.Time{}
	for _, file := range stored {
		id, _, inFolder := strings.Cut(strings.TrimPrefix(file.Key, bundles), "/")
		if inFolder && file.ModTime.After(newest[id]) {
			newest[id] = file.ModTime
		}
	}
	var old []string
	for id, at := range newest {
		if now.Sub(at) > unclaimed {
			old = append(old, id)
		}
	}
	return dropUnneeded(app, old)
}

// syncBundle makes sure that a bundle in a local storage is on the disk before the message that needs it.
func syncBundle(app core.App, bundle string) error {
	if app.Settings().S3.Enabled {
		return nil
	}
	storage := filepath.Join(app.DataDir(), core.LocalStorageDirName)
	folder := filepath.Join(storage, filepath.FromSlash(strings.TrimSuffix(bundlePath(bundle), "/")))
	entries, err := os.ReadDir(folder)
	if err != nil {
		return fmt.Errorf("store pictures: %w", err)
	}
	paths := []string{}
	for _, entry := range entries {
		paths = append(paths, filepath.Join(folder, entry.Name()))
	}
	for dir := folder; ; dir = filepath.Dir(dir) {
		paths = append(paths, dir)
		if dir == app.DataDir() || dir == filepath.Dir(dir) {
			break
		}
	}
	for _, path := range paths {
		if err := syncPath(path); err != nil {
			return fmt.Errorf("store pictures: %w", err)
		}
	}
	return nil
}

func syncPath(path string) error {
	opened, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(opened.Sync(), opened.Close())
}
