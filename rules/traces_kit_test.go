package rules_test

import (
	"context"
	"io/fs"
	"os"
	"testing"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tests"
	"github.com/pocketbase/pocketbase/tools/logger"

	"carecollective/collections"
	"carecollective/internal/apptest"
	"carecollective/server"
)

// wantNowhere fails the test when a word lies in any file of the data directory, in any spelling.
func wantNowhere(t *testing.T, w *apptest.World, words ...string) {
	t.Helper()
	if logs, ok := w.App.Logger().Handler().(*logger.BatchHandler); ok {
		if err := logs.WriteAll(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	data := os.DirFS(w.App.DataDir())
	err := fs.WalkDir(data, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(data, path)
		wantNone(t, path, content, words...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// restored opens an old backup of the database with the keys as they are now, and nothing that would tidy it.
func restored(t *testing.T, w *apptest.World, backup string) core.App {
	t.Helper()
	app, err := tests.NewTestAppWithConfig(core.BaseAppConfig{DataDir: backup, DBConnect: server.ConnectDB})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(app.Cleanup)
	collections.UseVault(app, collections.Vault(w.App))
	return app
}

// wantUnreadableIn fails the test unless a message is in an old backup, and cannot be opened with the keys of today.
func wantUnreadableIn(t *testing.T, w *apptest.World, backup, id string) {
	t.Helper()
	m, err := collections.FindMessage(restored(t, w, backup), id)
	if err != nil || m == nil {
		t.Fatalf("find %s in the backup: %v, %v", id, m, err)
	}
	if text, err := m.Unseal(w.App); !collections.Unreadable(err) {
		t.Errorf("the old backup still tells %q, %v", text, err)
	}
}

// readIn opens a message in an old backup with the keys of today.
func readIn(t *testing.T, w *apptest.World, backup, id string) string {
	t.Helper()
	m, err := collections.FindMessage(restored(t, w, backup), id)
	if err != nil || m == nil {
		t.Fatalf("find %s in the backup: %v, %v", id, m, err)
	}
	text, err := m.Unseal(w.App)
	if err != nil {
		t.Errorf("open %s in the backup: %v", id, err)
	}
	return text
}

// dbxIs is true of a row whose field has that value.
func dbxIs(field, value string) dbx.Expression { return dbx.HashExp{field: value} }

// wantNoPictures fails the test when a picture of a message lies in the storage.
func wantNoPictures(t *testing.T, w *apptest.World) {
	t.Helper()
	files, err := w.App.NewFilesystem()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = files.Close() }()
	if stored, err := files.List("attachments/"); err != nil || len(stored) > 0 {
		t.Errorf("%d files are left, %v", len(stored), err)
	}
}
