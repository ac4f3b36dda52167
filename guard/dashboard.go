package guard

import (
	"embed"
	"io/fs"

	"github.com/pocketbase/pocketbase/apis"
)

//go:embed dashboard
var dashboard embed.FS

// banner is the extension of PocketBase's dashboard that warns of open doors.
func banner() fs.FS { return apis.MustSubFS(dashboard, "dashboard") }
