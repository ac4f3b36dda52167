package apptest

import (
	"encoding/xml"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// Bucket is an S3 store with one bucket, as far as PocketBase uses it: it keeps what is put into it in memory.
type Bucket struct {
	URL   string
	mu    sync.Mutex
	files map[string][]byte
}

// NewBucket starts an S3 store that ends with t.
func NewBucket(t testing.TB) *Bucket {
	t.Helper()
	b := &Bucket{files: map[string][]byte{}}
	listening := httptest.NewServer(b)
	t.Cleanup(listening.Close)
	b.URL = listening.URL
	return b
}

// Files are the names of what is stored, and what it is.
func (b *Bucket) Files() map[string][]byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := map[string][]byte{}
	for key, content := range b.files {
		all[key] = content
	}
	return all
}

// ServeHTTP answers in the path style: /bucket/key.
func (b *Bucket) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	b.mu.Lock()
	defer b.mu.Unlock()
	content, known := b.files[key]
	switch {
	case r.Method == http.MethodPut:
		body, err := io.ReadAll(r.Body)
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		b.files[key] = body
	case r.Method == http.MethodDelete:
		delete(b.files, key)
		w.WriteHeader(http.StatusNoContent)
	case r.URL.Query().Has("list-type"):
		b.list(w, r.URL.Query().Get("prefix"))
	case !known:
		w.WriteHeader(http.StatusNotFound)
	default:
		w.Header().Set("Last-Modified", time.Now().UTC().Format(http.TimeFormat))
		http.ServeContent(w, r, "", time.Now(), strings.NewReader(string(content)))
	}
}

func (b *Bucket) list(w http.ResponseWriter, prefix string) {
	type object struct {
		Key          string
		Size         int
		LastModified time.Time
	}
	answer := struct {
		XMLName  xml.Name `xml:"ListBucketResult"`
		Contents []object
	}{}
	for key, content := range b.files {
		if strings.HasPrefix(key, prefix) {
			answer.Contents = append(answer.Contents, object{key, len(content), time.Now().UTC()})
		}
	}
	slices.SortFunc(answer.Contents, func(x, y object) int { return strings.Compare(x.Key, y.Key) })
	w.Header().Set("Content-Type", "application/xml")
	_ = xml.NewEncoder(w).Encode(answer) // who does not read it to the end has gone
}
