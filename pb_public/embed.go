// Package public holds what browsers are served at /: the built web client, or a plain page that says what runs here
// as long as none is built.
package public

import (
	"embed"
	"io/fs"
)

// The pattern takes dist in once it is built, and compiles without it.
//
//go:embed *
var files embed.FS

// Files is what is served at /.
func Files() (fs.FS, error) {
	if _, err := fs.Stat(files, "dist/index.html"); err == nil {
		return fs.Sub(files, "dist")
	}
	return fs.Sub(files, "placeholder")
}
