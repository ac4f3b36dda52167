// Package apptest is the test kit: a real app with a real database and a real HTTP server on loopback, members
// created in code, and a client that acts as one of them.
package apptest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tests"

	"carecollective/collections"
	_ "carecollective/migrations"
	"carecollective/server"
	"carecollective/vault"
)

// World is one collective: an app that serves.
type World struct {
	App *tests.TestApp
	server.Parts
	URL    string
	t      testing.TB
	served *http.Server
	client *http.Client // nil for the usual one
}

// template is a migrated data directory with its keys, made once for all tests of a package.
var template = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "apptest-")
	if err != nil {
		return "", err
	}
	data := filepath.Join(dir, "pb_data")
	keys, err := vault.Open(vault.Options{Dir: filepath.Join(dir, "pb_keys"), DataDir: data})
	if err != nil {
		return "", fmt.Errorf("make keys: %w", err)
	}
	app := core.NewBaseApp(core.BaseAppConfig{DataDir: data, DBConnect: server.ConnectDB})
	collections.UseVault(app, keys)
	if err := app.Bootstrap(); err != nil {
		return "", fmt.Errorf("bootstrap: %w", err)
	}
	if err := app.RunAllMigrations(); err != nil {
		return "", fmt.Errorf("migrate: %w", err)
	}
	// Nobody is told of messages while a test is about something else: those about notifications set this again.
	if _, err := app.DB().NewQuery("UPDATE messaging_settings SET notify_after_seconds = 3600").Execute(); err != nil {
		return "", fmt.Errorf("put off notifications: %w", err)
	}
	if err := app.ResetBootstrapState(); err != nil {
		return "", fmt.Errorf("close: %w", err)
	}
	return dir, keys.Close()
})

// New starts a collective of its own for t: a clone of a migrated directory, served on loopback until t ends.
func New(t testing.TB, config server.Config) *World {
	t.Helper()
	from, err := template()
	if err != nil {
		t.Fatalf("make the template of the test apps: %v", err)
	}
	app, err := tests.NewTestAppWithConfig(core.BaseAppConfig{DataDir: filepath.Join(from, "pb_data"), DBConnect: server.ConnectDB})
	if err != nil {
		t.Fatalf("start the test app: %v", err)
	}
	t.Cleanup(app.Cleanup)
	keys, err := vault.Open(vault.Options{Dir: cloneKeys(t, from), DataDir: app.DataDir()})
	if err != nil {
		t.Fatalf("open the keys: %v", err)
	}
	t.Cleanup(func() { _ = keys.Close() }) // the app is gone by then
	collections.UseVault(app, keys)
	return serve(t, app, server.Register(app, config))
}

func cloneKeys(t testing.TB, from string) string {
	dir := filepath.Join(t.TempDir(), "pb_keys")
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(from, "pb_keys"))); err != nil {
		t.Fatalf("clone the keys: %v", err)
	}
	if err := os.Chmod(dir, 0o700); err != nil { //nolint:gosec // a directory needs its x
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.key"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if err := os.Chmod(file, 0o400); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// serve is what apis.Serve does, on a port that is free.
func serve(t testing.TB, app *tests.TestApp, parts server.Parts) *World {
	router, err := apis.NewRouter(app)
	if err != nil {
		t.Fatalf("make the router: %v", err)
	}
	listening := httptest.NewUnstartedServer(nil)
	event := &core.ServeEvent{App: app, Router: router, Server: listening.Config}
	err = app.OnServe().Trigger(event, func(e *core.ServeEvent) error {
		handler, err := e.Router.BuildMux()
		if err == nil {
			listening.Config.Handler = handler
		}
		return err
	})
	if err != nil {
		t.Fatalf("serve: %v", err)
	}
	listening.Start()
	t.Cleanup(listening.Close)
	return &World{App: app, Parts: parts, URL: listening.URL, t: t, served: listening.Config}
}

// OverTLS is the same collective, spoken to by HTTP/2 over TLS.
func (w *World) OverTLS() *World {
	w.t.Helper()
	listening := httptest.NewUnstartedServer(w.served.Handler)
	listening.Config.ConnContext, listening.EnableHTTP2 = w.served.ConnContext, true
	listening.StartTLS()
	w.t.Cleanup(listening.Close)
	return &World{App: w.App, Parts: w.Parts, URL: listening.URL, t: w.t, served: listening.Config, client: listening.Client()}
}

// do makes a request as the world's clients do.
func (w *World) do(request *http.Request) (*http.Response, error) {
	client := w.client
	if client == nil {
		client = http.DefaultClient
	}
	return client.Do(request) //nolint:bodyclose // the caller's to close
}
