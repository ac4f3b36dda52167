package server

import (
	"fmt"
	"net/http"
	"path"
	"strings"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/router"

	"carecollective/internal/bind"
	public "carecollective/pb_public"
)

// What our pages may load, and who may show them in a frame: nothing from elsewhere, and nobody. No script and no
// style is inline, so that a member's text can never become one.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; font-src 'self'; " +
	"connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// servePublic serves the web client at /, unless an operator's own hook has taken the route.
func servePublic(app core.App) {
	app.OnServe().Bind(bind.At(bind.AfterRoutes, "public.routes", bindPublic))
}

func bindPublic(e *core.ServeEvent) error {
	const everything = "/{" + apis.StaticWildcardParam + "...}"
	if e.Router.HasRoute(http.MethodGet, everything) {
		return e.Next()
	}
	files, err := public.Files()
	if err != nil {
		return fmt.Errorf("open the embedded web client: %w", err)
	}
	assets, err := readAssets(files)
	if err != nil {
		return fmt.Errorf("read the embedded web client: %w", err)
	}
	quiet := apis.SkipSuccessActivityLog()
	e.Router.GET("/api/collective", viewCollective).Bind(quiet)
	e.Router.GET(manifestPath, viewManifest).Bind(quiet)
	e.Router.GET(logoPath, viewLogo).Bind(quiet)
	e.Router.GET(everything, client(assets)).Bind(quiet)
	return e.Next()
}

// client answers a page's address with the client's one page, which finds the view itself. A file that is not there
// and an unknown address of the API are not pages: they are 404.
func client(assets map[string]*asset) func(*core.RequestEvent) error {
	return func(e *core.RequestEvent) error {
		requested := e.Request.PathValue(apis.StaticWildcardParam)
		if found, ok := assets[requested]; ok {
			return found.serve(e)
		}
		if isFile(requested) {
			return router.NewNotFoundError("", nil)
		}
		return assets[router.IndexPage].serve(e)
	}
}

// isFile reports whether a path cannot be a view of the client.
func isFile(requested string) bool {
	first, _, _ := strings.Cut(requested, "/")
	return first == "api" || first == "assets" || path.Ext(requested) != "" && first != "auth"
}

// protect sets the security headers of a page.
func protect(header http.Header) {
	header.Set("Content-Security-Policy", contentPolicy)
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	header.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("X-Frame-Options", "DENY")
}
