package guard_test

import (
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	validation "github.com/pocketbase/ozzo-validation/v4"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/router"

	"carecollective/guard"
	"carecollective/refusal"
)

// fullDisk is what SQLite says when a database may not grow.
func fullDisk(t *testing.T) error {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(t.TempDir(), "full.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	for _, statement := range []string{"CREATE TABLE a (b)", "PRAGMA max_page_count = 2", "INSERT INTO a VALUES (zeroblob(100000))"} {
		if _, err = db.Exec(statement); err != nil {
			return err
		}
	}
	t.Fatal("the disk has room")
	return nil
}

func TestStorageFailures(t *testing.T) {
	full := fullDisk(t)
	for name, c := range map[string]struct {
		err  error
		want bool
	}{
		"a full database":          {full, true},
		"wrapped":                  {fmt.Errorf("save: %w", full), true},
		"inside an answer":         {router.NewBadRequestError("Failed to create record", full), true},
		"wrapped inside an answer": {fmt.Errorf("x: %w", router.NewBadRequestError("", fmt.Errorf("y: %w", full))), true},
		"no space for a file":      {router.NewBadRequestError("", fmt.Errorf("write: %w", syscall.ENOSPC)), true},
		"something else":           {errors.New("database is nice"), false},
		"a refusal":                {refusal.Policy(refusal.NotAllowed), false},
		"a wrong field":            {refusal.Field("a", "b", "c"), false},
		"nothing":                  {nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := guard.StorageFailed(c.err); got != c.want {
				t.Errorf("got %v", got)
			}
		})
	}
}

func TestAnswers(t *testing.T) {
	full := fullDisk(t)
	h := open(t, guard.Options{}, func(e *core.ServeEvent) error {
		e.Router.Any("/api/full", func(e *core.RequestEvent) error { return e.BadRequestError("Failed.", full) })
		e.Router.POST("/api/fast", func(*core.RequestEvent) error {
			return refusal.TooFast(refusal.RateLimited, refusal.Quota{Limit: 5, Reset: time.Minute, Retry: 3 * time.Second})
		})
		return e.Next()
	})
	h.expect("a write without room", h.ask(nil, "POST", "/api/full", ""), 507)
	h.expect("a read", h.ask(nil, "GET", "/api/full", ""), 400)
	fast := h.ask(nil, "POST", "/api/fast", "")
	h.expect("too fast", fast, 429)
	if fast.header.Get("Retry-After") != "3" || fast.header.Get("RateLimit-Limit") != "5" || fast.header.Get("RateLimit-Reset") != "60" {
		t.Errorf("headers %v", fast.header)
	}
}

func TestARefusalSaysWhatToDo(t *testing.T) {
	h := open(t, guard.Options{}, func(e *core.ServeEvent) error {
		e.Router.POST("/api/nothing", func(*core.RequestEvent) error { return errors.New("secret") })
		e.Router.POST("/api/field", func(*core.RequestEvent) error {
			return validation.Errors{"id": validation.NewError("wrong_id", "Choose another id.")}
		})
		e.Router.POST("/api/own", func(e *core.RequestEvent) error { return e.BadRequestError("Please write less.", nil) })
		return e.Next()
	})
	for path, want := range map[string]string{
		"/api/nothing":  `"message":"The request is invalid. Check it and send it again."`,
		"/api/field":    `"message":"Please correct the fields listed in data and try again."`,
		"/api/own":      `"message":"Please write less."`,
		"/api/realtime": `"message":"Please correct the fields listed in data and try again."`,
	} {
		got := h.ask(h.ana, "POST", path, "{}")
		h.expect(path, got, 400)
		if !strings.Contains(got.body, want) {
			t.Errorf("%s: %s", path, got.body)
		}
	}
	if got := h.ask(h.ana, "POST", "/api/field", "{}"); !strings.Contains(got.body, `"id":{"code":"wrong_id"`) {
		t.Errorf("the field is not named: %s", got.body)
	}
}

func TestRecordWritesOnAFullDiskAre507(t *testing.T) {
	h := open(t, guard.Options{})
	h.ownCollection("events")
	full := fullDisk(t)
	h.app.OnRecordCreateExecute("events").BindFunc(func(*core.RecordEvent) error { return full })
	h.expect("create", h.ask(h.ana, "POST", "/api/collections/events/records", `{"note":"x"}`), 507)
}
