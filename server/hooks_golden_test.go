package server

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/cmd"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"

	"carecollective/collections"
	_ "carecollective/migrations"
	"carecollective/vault"
)

const hooksGolden = "hooks.golden"

var update = flag.Bool("update", false, "rewrite hooks.golden from what is bound")

// The order of hooks decides what a gate may rely on, so a change of order must be seen in a review.
func TestTheHooksStandInTheOrderOfTheGolden(t *testing.T) {
	bound := describeHooks(servingApp(t))
	if *update {
		if err := os.WriteFile(hooksGolden, []byte(bound), 0o644); err != nil { // a file of the repository
			t.Fatal(err)
		}
		return
	}
	golden, err := os.ReadFile(hooksGolden)
	if err != nil {
		t.Fatal(err)
	}
	if bound != string(golden) {
		t.Fatalf("the hooks or their order have changed; run `make schema` and review the difference:\n%s", difference(string(golden), bound))
	}
}

// servingApp is an app that has started to serve as the program does, except that nothing listens.
func servingApp(t *testing.T) (core.App, *core.ServeEvent) {
	t.Helper()
	dir := t.TempDir()
	data := filepath.Join(dir, "pb_data")
	if err := os.MkdirAll(data, 0o700); err != nil {
		t.Fatal(err)
	}
	keys, err := vault.Open(vault.Options{Dir: filepath.Join(dir, "pb_keys"), DataDir: data})
	if err != nil {
		t.Fatal(err)
	}
	app := core.NewBaseApp(core.BaseAppConfig{DataDir: data, DBConnect: ConnectDB})
	collections.UseVault(app, keys)
	Register(app, Config{Replica: filepath.Join(dir, "replica")})
	begin := &start{app: app}
	serve := cmd.NewServeCommand(app, false)
	if err := serve.ParseFlags([]string{"--http", "127.0.0.1:0"}); err != nil {
		t.Fatal(err)
	}
	for _, step := range []func() error{
		func() error { return begin.listen(serve, nil) },
		app.Bootstrap,
		app.RunAllMigrations,
		func() error { return hold(app) },
	} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	signals := make(chan os.Signal, 1)
	awaitSignals(app, signals)
	t.Cleanup(func() { signal.Stop(signals) })
	router, err := apis.NewRouter(app)
	if err != nil {
		t.Fatal(err)
	}
	event := &core.ServeEvent{App: app, Router: router, Server: &http.Server{}} //nolint:gosec // it serves nothing
	if err := app.OnServe().Trigger(event); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stopped := &core.TerminateEvent{App: app}
		err := app.OnTerminate().Trigger(stopped, func(e *core.TerminateEvent) error { return e.App.ResetBootstrapState() })
		if err != nil {
			t.Error(err)
		}
		_ = begin.listener.Close() // nothing was served
		_ = keys.Close()           // the app is gone by then
	})
	return app, event
}

// describeHooks lists the ids of the handlers of each event of the app, and of the middlewares of every request, in the order in which
// they run, with their priorities.
func describeHooks(app core.App, served *core.ServeEvent) string {
	var b strings.Builder
	events := reflect.ValueOf(app)
	for i := range events.NumMethod() {
		name := events.Type().Method(i).Name
		if !strings.HasPrefix(name, "On") {
			continue
		}
		if lines := handlersOf(events.Method(i).Call(nil)[0]); len(lines) > 0 {
			fmt.Fprintf(&b, "%s\n%s\n", name, strings.Join(lines, ""))
		}
	}
	middlewares := slices.Clone(served.Router.Middlewares)
	slices.SortStableFunc(middlewares, func(a, b *hook.Handler[*core.RequestEvent]) int { return a.Priority - b.Priority })
	b.WriteString("Middlewares\n")
	for _, m := range middlewares {
		b.WriteString(lineOf(m.Id, m.Priority))
	}
	return b.String()
}

// handlersOf reads the handlers of a hook, which PocketBase does not list.
func handlersOf(hook reflect.Value) (lines []string) {
	field := hook.Elem().FieldByName("handlers")
	handlers := reflect.NewAt(field.Type(), unsafe.Pointer(field.UnsafeAddr())).Elem() //nolint:gosec // PocketBase offers no other way to see them
	for i := range handlers.Len() {
		handler := handlers.Index(i).Elem()
		lines = append(lines, lineOf(handler.FieldByName("Id").String(), int(handler.FieldByName("Priority").Int())))
	}
	return lines
}

// madeUp is an id that PocketBase gives to a handler that has none.
var madeUp = regexp.MustCompile(`^[A-Za-z0-9]{20}$`)

func lineOf(id string, priority int) string {
	if id == "" || madeUp.MatchString(id) {
		id = "(unnamed)"
	}
	if priority == 0 {
		return "  " + id + "\n"
	}
	return fmt.Sprintf("  %s (%d)\n", id, priority)
}

// difference lists the lines that only one of two texts has; when there are none, only the order has changed.
func difference(before, after string) string {
	var b strings.Builder
	for _, side := range []struct{ mark, lines, others string }{{"-", before, after}, {"+", after, before}} {
		for line := range strings.Lines(side.lines) {
			if !strings.Contains("\n"+side.others, "\n"+line) {
				b.WriteString(side.mark + line)
			}
		}
	}
	if b.Len() == 0 {
		return "the same handlers, in another order"
	}
	return b.String()
}
