package server

import (
	"context"
	"errors"
	"net/http"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/internal/background"
	"carecollective/internal/bind"
	"carecollective/internal/disk"
)

const (
	healthPeriod  = 4 * time.Second
	healthTimeout = 3 * time.Second

	// spareBytes is the free space below which the disk counts as full: a message and its index pages need less.
	spareBytes = 1 << 20
)

// The causes that GET /api/health lists in data.degraded.
const (
	causeDiskFull   = "disk_full"
	causeUnwritable = "database_unwritable"
)

// health watches whether data can be stored, and reports it at GET /api/health.
type health struct {
	app    core.App
	causes atomic.Pointer[[]string]
}

// watchHealth makes GET /api/health answer 503 while nothing can be stored. PocketBase's own answer stays as it is
// otherwise.
func watchHealth(app core.App) {
	h := &health{app: app}
	app.OnServe().Bind(bind.Handler("health.routes", func(e *core.ServeEvent) error {
		e.Router.Bind(bind.Handler("health.degraded", h.answer))
		return e.Next()
	}))
	background.Run(app, "health.watch", background.Watchers, background.Every(healthPeriod, func(context.Context) { h.look() }))
}

// look checks once, and logs a change.
func (h *health) look() {
	causes := h.find()
	before := h.degraded()
	h.causes.Store(&causes)
	switch {
	case len(causes) > 0 && len(before) == 0:
		h.app.Logger().Error("Nothing can be stored", "causes", causes)
	case len(causes) == 0 && len(before) > 0:
		h.app.Logger().Info("Data can be stored again")
	}
}

func (h *health) find() []string {
	causes := []string{}
	if h.full() {
		causes = append(causes, causeDiskFull)
	}
	if !h.storable() {
		causes = append(causes, causeUnwritable)
	}
	return causes
}

// full reports whether the disk of the data or that of the keys is: a new conversation needs a new key.
func (h *health) full() bool {
	dirs := []string{h.app.DataDir(), filepath.Dir(collections.Vault(h.app).Path())}
	return slices.ContainsFunc(dirs, func(dir string) bool {
		free, err := disk.Free(dir)
		return err == nil && free < spareBytes
	})
}

// storable writes to the database for real: the version number that SQLite keeps for applications, with the value it
// has. A database that is merely busy is not broken.
func (h *health) storable() bool {
	ctx, cancel := context.WithTimeout(context.Background(), healthTimeout)
	defer cancel()
	_, err := h.app.NonconcurrentDB().NewQuery("PRAGMA user_version = 0").WithContext(ctx).Execute()
	return err == nil || errors.Is(err, context.DeadlineExceeded)
}

func (h *health) degraded() []string {
	if causes := h.causes.Load(); causes != nil {
		return *causes
	}
	return nil
}

func (h *health) answer(e *core.RequestEvent) error {
	causes := h.degraded()
	if len(causes) == 0 || e.Request.URL.Path != "/api/health" {
		return e.Next()
	}
	return e.JSON(http.StatusServiceUnavailable, map[string]any{
		"status":  http.StatusServiceUnavailable,
		"code":    http.StatusServiceUnavailable,
		"message": "Nothing can be stored at the moment. Reading works.",
		"data":    map[string]any{"degraded": causes},
	})
}
