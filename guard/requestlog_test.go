package guard_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/logger"

	"carecollective/guard"
)

const canary = "canary"

// logged waits until want entries were written, and returns all.
func (h *house) logged(want int) []*core.Log {
	h.t.Helper()
	handler, ok := h.app.Logger().Handler().(*logger.BatchHandler)
	if !ok {
		h.t.Fatal("PocketBase's logger has changed")
	}
	for deadline := time.Now().Add(30 * time.Second); ; {
		if err := handler.WriteAll(h.t.Context()); err != nil {
			h.t.Fatal(err)
		}
		var entries []*core.Log
		if err := h.app.LogQuery().OrderBy("created").All(&entries); err != nil {
			h.t.Fatal(err)
		}
		if len(entries) >= want {
			return entries
		}
		if time.Now().After(deadline) {
			h.t.Fatalf("%d entries instead of %d", len(entries), want)
		}
	}
}

func (h *house) keepLogs() {
	h.app.Settings().Logs.MaxDays = 5
	h.app.Settings().Logs.MinLevel = -4
	if handler, ok := h.app.Logger().Handler().(*logger.BatchHandler); ok {
		handler.SetLevel(-4)
	}
}

func entry(t *testing.T, entries []*core.Log, message string) *core.Log {
	t.Helper()
	i := slices.IndexFunc(entries, func(l *core.Log) bool { return l.Message == message })
	if i < 0 {
		for _, e := range entries {
			t.Log(e.Message)
		}
		t.Fatalf("no entry %q", message)
	}
	return entries[i]
}

func TestRequestLogTellsWhatHappenedAndNothingPrivate(t *testing.T) {
	h := open(t, guard.Options{}, func(e *core.ServeEvent) error {
		e.Router.GET("/api/broken", func(e *core.RequestEvent) error {
			return e.InternalServerError("", errors.New("cannot reach "+canary+"@example.org"))
		})
		return e.Next()
	})
	h.keepLogs()
	member := func(path string) string { return "/api/collections/" + path + "/records" }
	with := func(r *http.Request) {
		r.Header.Set("User-Agent", canary)
		r.Header.Set("Referer", "https://"+canary)
	}
	h.send("GET", member("MESSAGES")+"?filter=sender='"+canary+"'", h.token(h.ana), "", "", with)
	h.send("GET", member("messages")+"?filter=content='"+canary+"'", h.token(h.ana), "", "", with)
	h.send("GET", member("messages")+"/"+canary, h.token(h.ana), "", "", with)
	h.send("GET", "/"+canary+"?token="+canary, "", "", "", with)
	h.send("GET", "/api/broken", h.token(h.super), "", "", with)
	h.send("POST", "/api/collections/users/auth-with-password", "", "application/json", `{"identity":"`+canary+`@example.org","password":"`+canary+`"}`, with)
	h.send("POST", "/api/collections/users/records", "", "application/json", `{"email":"`+canary+`@","password":"`+canary+`"}`, with)
	h.send("GET", member("messages"), h.token(h.ana)+canary, "", "", with)
	h.subscribe(h.ana, option("messages/*", `{"query":{"filter":"sender='`+canary+`'"}}`))

	entries := h.logged(9)
	for _, e := range entries {
		if raw := e.Message + e.Data.String(); strings.Contains(raw, canary) || strings.Contains(raw, "example.org") {
			t.Errorf("private data in %s", raw)
		}
	}
	refused := func(l *core.Log) bool { return l.Data["status"] == 400.0 }
	listed := entry(t, slices.DeleteFunc(slices.Clone(entries), refused), "GET /api/collections/messages/records")
	if listed.Data["role"] != "member" || listed.Data["status"] != 200.0 || listed.Data["type"] != "request" || listed.Level != 0 {
		t.Errorf("got %v %d", listed.Data, listed.Level)
	}
	broken := entry(t, entries, "GET /api/broken")
	if broken.Data["role"] != "superuser" || broken.Data["status"] != 500.0 || broken.Level != 8 || broken.Data["error"] != "cannot reach [e-mail]" {
		t.Errorf("got %v %d", broken.Data, broken.Level)
	}
	entry(t, entries, "GET /api/collections/messages/records/{id}")
	entry(t, entries, "GET /")
}

func TestWhatOthersLogIsRedacted(t *testing.T) {
	h := open(t, guard.Options{})
	h.keepLogs()
	token := h.token(h.ana)
	h.app.Logger().Error("Failed to send to "+canary+"@example.org",
		"error", errors.New(`550 <`+canary+`@example.org>: unknown, see https://x.example/a?b=`+canary),
		"token", token, "raw", "bearer "+token, "Subscriptions", []string{canary}, "nested", map[string]any{"filter": canary, "kept": 1},
		"peer", "10.1.2.3:4567 and [2001:db8:1::5:1]:80", "userIP", "10.1.2.3", "escaped", canary+"%40example.org",
		"long", strings.Repeat("x", 100_000))
	got := h.logged(1)[0]
	raw := got.Message + got.Data.String()
	for _, private := range []string{canary, token, "10.1.2.3", "2001:db8"} {
		if strings.Contains(raw, private) {
			t.Errorf("%q is in %s", private, raw)
		}
	}
	if !strings.Contains(raw, "550") || !strings.Contains(raw, `"kept":1`) || len(raw) > 5000 {
		t.Errorf("too much or too little was left of it: %.2000s", raw)
	}
}
