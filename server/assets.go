package server

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/pocketbase/pocketbase/core"
)

// An asset is one file of the web client, with what the build has compressed of it.
type asset struct {
	kind      string // its MIME type
	etag      string
	immutable bool // its name changes with its content
	plain     []byte
	encoded   []encoded // the best first
}

type encoded struct {
	name string // as Content-Encoding has it
	body []byte
}

// The files beside an asset that hold it compressed, the smallest first.
var encodings = []struct{ name, suffix string }{{"br", ".br"}, {"gzip", ".gz"}}

// readAssets reads every file of the web client once.
func readAssets(files fs.FS) (map[string]*asset, error) {
	assets := map[string]*asset{}
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || isEncoded(name) {
			return err
		}
		assets[name], err = readAsset(files, name)
		return err
	})
	return assets, err
}

func isEncoded(name string) bool {
	for _, e := range encodings {
		if strings.HasSuffix(name, e.suffix) {
			return true
		}
	}
	return false
}

func readAsset(files fs.FS, name string) (*asset, error) {
	plain, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	sum := sha256.Sum256(plain)
	a := &asset{
		kind:      kindOf(name),
		etag:      hex.EncodeToString(sum[:8]),
		immutable: strings.HasPrefix(name, "assets/"),
		plain:     plain,
	}
	for _, e := range encodings {
		if body, err := fs.ReadFile(files, name+e.suffix); err == nil {
			a.encoded = append(a.encoded, encoded{e.name, body})
		}
	}
	return a, nil
}

func kindOf(name string) string {
	if kind := mime.TypeByExtension(path.Ext(name)); kind != "" {
		return kind
	}
	return "application/octet-stream"
}

// serve answers with the asset in the best encoding that the browser takes.
func (a *asset) serve(e *core.RequestEvent) error {
	header := e.Response.Header()
	protect(header)
	header.Set("Content-Type", a.kind)
	header.Set("Cache-Control", "no-cache")
	if a.immutable {
		header.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	etag, body := a.etag, a.plain
	if len(a.encoded) > 0 {
		header.Set("Vary", "Accept-Encoding")
	}
	for _, form := range a.encoded {
		if accepts(e.Request.Header.Get("Accept-Encoding"), form.name) {
			header.Set("Content-Encoding", form.name)
			etag, body = etag+"-"+form.name, form.body
			break
		}
	}
	header.Set("ETag", `"`+etag+`"`)
	http.ServeContent(e.Response, e.Request, "", time.Time{}, bytes.NewReader(body))
	return nil
}

// accepts reports whether a list of encodings, as a browser sends it, has one by name and does not refuse it.
func accepts(list, name string) bool {
	for item := range strings.SplitSeq(list, ",") {
		encoding, quality, _ := strings.Cut(item, ";")
		if strings.EqualFold(strings.TrimSpace(encoding), name) {
			return !refused(quality)
		}
	}
	return false
}

// refused reports whether a quality is zero, as in q=0 and q=0.0.
func refused(quality string) bool {
	value, ok := strings.CutPrefix(strings.TrimSpace(quality), "q=")
	return ok && strings.Trim(value, "0.") == ""
}
