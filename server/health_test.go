package server

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tests"

	"carecollective/collections"
	"carecollective/vault"
)

func TestHealthTellsWhetherAnythingCanBeStored(t *testing.T) {
	app, err := tests.NewTestApp(t.TempDir()) // without PocketBase's own test data
	if err != nil {
		t.Fatal(err)
	}
	defer app.Cleanup()
	keys, err := vault.Open(vault.Options{Dir: t.TempDir(), DataDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer keys.Close()
	collections.UseVault(app, keys)
	h := &health{app: app}
	for _, step := range []struct {
		readOnly string
		causes   int
	}{{"OFF", 0}, {"ON", 1}, {"OFF", 0}} {
		if _, err := app.NonconcurrentDB().NewQuery("PRAGMA query_only = " + step.readOnly).Execute(); err != nil {
			t.Fatal(err)
		}
		h.look()
		if got := h.degraded(); len(got) != step.causes {
			t.Errorf("query_only %s: causes are %v", step.readOnly, got)
		}
	}
}

func TestHealthIs503WithItsCausesWhileDegraded(t *testing.T) {
	h := &health{}
	h.causes.Store(&[]string{causeDiskFull})
	recorder := httptest.NewRecorder()
	e := new(core.RequestEvent)
	e.Request, e.Response = httptest.NewRequest(http.MethodGet, "/api/health", nil), recorder
	if err := h.answer(e); err != nil {
		t.Fatal(err)
	}
	var body struct {
		Status int
		Data   struct{ Degraded []string }
	}
	if err := json.Unmarshal(recorder.Body.Bytes(), &body); err != nil {
		t.Fatal(err)
	}
	if recorder.Code != 503 || body.Status != 503 || len(body.Data.Degraded) != 1 {
		t.Errorf("got %d %s", recorder.Code, recorder.Body)
	}
}
