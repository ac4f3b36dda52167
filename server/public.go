package server

import (
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"
	"github.com/pocketbase/pocketbase/tools/router"

	public "carecollective/pb_public"
)

// servePublic serves the web client at /, unless an operator's own hook has taken the route.
func servePublic(app core.App) {
	app.OnServe().Bind(&hook.Handler[*core.ServeEvent]{
		Id:       "serve.public",
		Priority: 999, // after the operator's own routes
		Func: func(e *core.ServeEvent) error {
			const everything = "/{" + apis.StaticWildcardParam + "...}"
			if e.Router.HasRoute(http.MethodGet, everything) {
				return e.Next()
			}
			files, err := public.Files()
			if err != nil {
				return fmt.Errorf("open the embedded web client: %w", err)
			}
			if err := mime.AddExtensionType(".webmanifest", "application/manifest+json"); err != nil {
				return fmt.Errorf("register a type of file: %w", err)
			}
			e.Router.GET(everything, client(files)).Bind(apis.Gzip())
			return e.Next()
		},
	})
}

// client answers a page's address with the client's one page, which finds the view itself. A file that is not there
// and an unknown address of the API are not pages: they are 404.
func client(files fs.FS) func(*core.RequestEvent) error {
	page, file := apis.Static(files, true), apis.Static(files, false)
	return func(e *core.RequestEvent) error {
		requested := e.Request.PathValue(apis.StaticWildcardParam)
		switch {
		case requested == "api" || strings.HasPrefix(requested, "api/"):
			return router.NewNotFoundError("", nil)
		case path.Ext(requested) != "":
			return file(e)
		default:
			return page(e)
		}
	}
}
