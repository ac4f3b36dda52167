package server

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/router"
)

var built = fstest.MapFS{
	"index.html":            {Data: []byte("<!doctype html>")},
	"assets/app-1a2b.js":    {Data: []byte("const plain = 1")},
	"assets/app-1a2b.js.br": {Data: []byte("brotli")},
	"assets/app-1a2b.js.gz": {Data: []byte("gzip")},
	"worker.js":             {Data: []byte("worker")},
}

// visit asks the client for a path, and returns the status and what was answered.
func visit(t *testing.T, path string, header http.Header) (int, *httptest.ResponseRecorder) {
	t.Helper()
	assets, err := readAssets(built)
	if err != nil {
		t.Fatal(err)
	}
	e := new(core.RequestEvent)
	e.Request = httptest.NewRequest(http.MethodGet, path, nil)
	e.Request.SetPathValue(apis.StaticWildcardParam, strings.TrimPrefix(path, "/"))
	for name, values := range header {
		e.Request.Header[name] = values
	}
	recorder := httptest.NewRecorder()
	e.Response = recorder
	var refused *router.ApiError
	if err := client(assets)(e); errors.As(err, &refused) {
		return refused.Status, recorder
	} else if err != nil {
		t.Fatal(err)
	}
	return recorder.Code, recorder
}

func TestTheClientAnswersPagesAndNothingThatIsNotThere(t *testing.T) {
	for _, c := range []struct {
		name, path string
		status     int
		body       string
	}{
		{"the start is the page", "/", 200, "<!doctype html>"},
		{"the page has an address of its own, for the worker", "/index.html", 200, "<!doctype html>"},
		{"a view is the page", "/messages/abc", 200, "<!doctype html>"},
		{"a link with a token is the page", "/auth/confirm-verification/aa.bb.cc", 200, "<!doctype html>"},
		{"a chunk is itself", "/assets/app-1a2b.js", 200, "const plain = 1"},
		{"the worker is itself", "/worker.js", 200, "worker"},
		{"a chunk that is gone is 404, not the page", "/assets/app-old.js", 404, ""},
		{"a chunk without an extension is 404", "/assets/app", 404, ""},
		{"a compressed copy has no address of its own", "/assets/app-1a2b.js.br", 404, ""},
		{"an unknown route of the API is 404", "/api/nothing", 404, ""},
		{"the API itself is 404", "/api", 404, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, answer := visit(t, c.path, nil)
			if status != c.status || answer.Body.String() != c.body {
				t.Errorf("got %d %q", status, answer.Body)
			}
		})
	}
}

func TestTheClientIsServedInTheBestEncodingThatIsTaken(t *testing.T) {
	for _, c := range []struct{ accepted, encoding, body string }{
		{"gzip, deflate, br", "br", "brotli"},
		{"gzip, br;q=0", "gzip", "gzip"},
		{"gzip, br;q=0.0", "gzip", "gzip"},
		{"GZIP;q=0.5", "gzip", "gzip"},
		{"deflate", "", "const plain = 1"},
		{"", "", "const plain = 1"},
	} {
		t.Run(c.accepted, func(t *testing.T) {
			_, answer := visit(t, "/assets/app-1a2b.js", http.Header{"Accept-Encoding": {c.accepted}})
			header := answer.Header()
			if header.Get("Content-Encoding") != c.encoding || answer.Body.String() != c.body {
				t.Errorf("got %q: %q", header.Get("Content-Encoding"), answer.Body)
			}
			if header.Get("Vary") != "Accept-Encoding" || !strings.HasPrefix(header.Get("Content-Type"), "text/javascript") {
				t.Errorf("got the headers %v", header)
			}
		})
	}
}

func TestOnlyFilesWhoseNameChangesAreKeptForGood(t *testing.T) {
	for path, kept := range map[string]bool{"/assets/app-1a2b.js": true, "/": false, "/worker.js": false} {
		_, answer := visit(t, path, nil)
		if got := strings.Contains(answer.Header().Get("Cache-Control"), "immutable"); got != kept {
			t.Errorf("%s: %q", path, answer.Header().Get("Cache-Control"))
		}
	}
}

func TestAPageThatHasNotChangedIsNotSentAgain(t *testing.T) {
	_, first := visit(t, "/", nil)
	status, _ := visit(t, "/", http.Header{"If-None-Match": {first.Header().Get("ETag")}})
	if status != http.StatusNotModified {
		t.Errorf("got %d", status)
	}
}

func TestNoScriptAndNoStyleStandsInAPage(t *testing.T) {
	_, answer := visit(t, "/", nil)
	policy := answer.Header().Get("Content-Security-Policy")
	if strings.Contains(policy, "unsafe") || strings.Contains(policy, "http") || !strings.Contains(policy, "default-src 'none'") {
		t.Errorf("the policy is %q", policy)
	}
}
