package server

import (
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/router"

	"carecollective/internal/readcache"
)

const (
	manifestPath = "/manifest.webmanifest"
	logoPath     = "/branding/logo.png"
	logoFile     = "logo.png" // in the data directory

	// The accent that PocketBase gives to everyone who has not chosen one.
	defaultAccent = "#1055c9"
)

// viewCollective answers GET /collective for guests: the name and look of the server, and how to register.
func viewCollective(e *core.RequestEvent) error {
	settings, err := readcache.Settings(e.App)
	if err != nil {
		return err
	}
	registration := "open"
	if settings.InviteOnly() {
		registration = "invite"
	}
	meta := e.App.Settings().Meta
	accent := meta.AccentColor
	if accent == defaultAccent {
		accent = ""
	}
	e.Response.Header().Set("Cache-Control", "no-cache")
	return e.JSON(http.StatusOK, map[string]any{
		"name":                meta.AppName,
		"accent":              accent,
		"logo":                logo(e.App),
		"registration":        registration,
		"edit_window_seconds": int(settings.EditWindow().Seconds()),
	})
}

// logo is the address of the collective's own logo, or "".
func logo(app core.App) string {
	if _, err := os.Stat(filepath.Join(app.DataDir(), logoFile)); err != nil {
		return ""
	}
	return logoPath
}

func viewLogo(e *core.RequestEvent) error {
	protect(e.Response.Header())
	e.Response.Header().Set("Cache-Control", "no-cache")
	err := e.FileFS(os.DirFS(e.App.DataDir()), logoFile)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, router.ErrFileNotFound) {
		return router.NewNotFoundError("", nil)
	}
	return err
}

type manifestIcon struct {
	Src     string `json:"src"`
	Sizes   string `json:"sizes"`
	Type    string `json:"type"`
	Purpose string `json:"purpose,omitempty"`
}

// viewManifest answers with the web app manifest, under the collective's own name.
func viewManifest(e *core.RequestEvent) error {
	protect(e.Response.Header())
	name := e.App.Settings().Meta.AppName
	icons := []manifestIcon{
		{Src: "/icons/icon-192.png", Sizes: "192x192", Type: "image/png"},
		{Src: "/icons/icon-512.png", Sizes: "512x512", Type: "image/png"},
		{Src: "/icons/maskable-512.png", Sizes: "512x512", Type: "image/png", Purpose: "maskable"},
	}
	if src := logo(e.App); src != "" {
		icons = append([]manifestIcon{{Src: src, Sizes: "any", Type: "image/png"}}, icons...)
	}
	e.Response.Header().Set("Content-Type", "application/manifest+json")
	e.Response.Header().Set("Cache-Control", "no-cache")
	return e.JSON(http.StatusOK, map[string]any{
		"id": "/", "start_url": "/", "scope": "/", "display": "standalone",
		"name": name, "short_name": name,
		"background_color": "#faf8f5", "theme_color": "#4a726c",
		"categories": []string{"social"}, "icons": icons,
	})
}
