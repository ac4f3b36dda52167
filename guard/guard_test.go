package guard_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tests"

	"carecollective/collections"
	"carecollective/guard"
	_ "carecollective/migrations"
)

var template string

func TestMain(m *testing.M) { os.Exit(runTests(m)) }

// runTests makes one data folder with its people, which each test clones.
func runTests(m *testing.M) int {
	dir, err := os.MkdirTemp("", "guard")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	app, err := tests.NewTestApp(dir)
	if err != nil {
		panic(err)
	}
	defer app.Cleanup()
	settle(app, collections.Users, "ana")
	settle(app, collections.Users, "ben")
	settle(app, core.CollectionNameSuperusers, "root")
	if err := app.ResetBootstrapState(); err != nil {
		panic(err)
	}
	template = app.DataDir()
	return m.Run()
}

func settle(app core.App, collection, name string) {
	c, err := app.FindCollectionByNameOrId(collection)
	if err != nil {
		panic(err)
	}
	record := core.NewRecord(c)
	record.SetEmail(name + "@example.org")
	record.SetPassword("correct horse " + name)
	if err := app.Save(record); err != nil {
		panic(err)
	}
}

// house is a running app behind the wall, with one member, another one and a superuser.
type house struct {
	t               *testing.T
	app             *tests.TestApp
	mux             http.Handler
	ana, ben, super *core.Record
}

// open starts the house; routes adds some of its own.
func open(t *testing.T, o guard.Options, routes ...func(*core.ServeEvent) error) *house {
	t.Helper()
	app, err := tests.NewTestApp(template)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(app.Cleanup)
	guard.Register(app, o)
	h := &house{t: t, app: app}
	if err := app.ReloadSettings(); err != nil {
		t.Fatal(err)
	}
	h.ana, h.ben = h.find(collections.Users, "ana"), h.find(collections.Users, "ben")
	h.super = h.find(core.CollectionNameSuperusers, "root")
	for _, route := range routes {
		app.OnServe().BindFunc(route)
	}
	h.serve()
	return h
}

func (h *house) find(collection, name string) *core.Record {
	h.t.Helper()
	record, err := h.app.FindAuthRecordByEmail(collection, name+"@example.org")
	if err != nil {
		h.t.Fatal(err)
	}
	return record
}

func (h *house) serve() {
	h.t.Helper()
	router, err := apis.NewRouter(h.app)
	if err != nil {
		h.t.Fatal(err)
	}
	event := &core.ServeEvent{App: h.app, Router: router}
	err = h.app.OnServe().Trigger(event, func(e *core.ServeEvent) error {
		h.mux, err = e.Router.BuildMux()
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) record(collection string) *core.Record {
	h.t.Helper()
	c, err := h.app.FindCollectionByNameOrId(collection)
	if err != nil {
		h.t.Fatal(err)
	}
	return core.NewRecord(c)
}

func (h *house) save(m core.Model) {
	h.t.Helper()
	if err := h.app.Save(m); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) token(who *core.Record) string {
	h.t.Helper()
	if who == nil {
		return ""
	}
	token, err := who.NewAuthToken()
	if err != nil {
		h.t.Fatal(err)
	}
	return token
}

// answer is what came back.
type answer struct {
	status int
	body   string
	header http.Header
}

func (a answer) code(field string) string {
	var body struct {
		Data map[string]struct{ Code string }
	}
	_ = json.Unmarshal([]byte(a.body), &body) // no code is ""
	return body.Data[field].Code
}

// ask sends a request as who, with a JSON body unless it is empty.
func (h *house) ask(who *core.Record, method, path, body string) answer {
	h.t.Helper()
	return h.send(method, path, h.token(who), "application/json", body, nil)
}

func (h *house) send(method, path, token, kind, body string, change func(*http.Request)) answer {
	h.t.Helper()
	request := httptest.NewRequest(method, path, strings.NewReader(body))
	if body != "" {
		request.Header.Set("Content-Type", kind)
	}
	if token != "" {
		request.Header.Set("Authorization", token)
	}
	if change != nil {
		change(request)
	}
	recorder := httptest.NewRecorder()
	h.mux.ServeHTTP(recorder, request)
	raw, err := io.ReadAll(bytes.NewReader(recorder.Body.Bytes()))
	if err != nil {
		h.t.Fatal(err)
	}
	return answer{recorder.Code, string(raw), recorder.Header()}
}

func (h *house) expect(what string, got answer, status int) {
	h.t.Helper()
	if got.status != status {
		h.t.Errorf("%s: %d instead of %d: %s", what, got.status, status, got.body)
	}
}

func jsonText(s string) string {
	raw, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(raw)
}
