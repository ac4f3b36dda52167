package server

import (
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/internal/bind"
)

// Together they stay below the minute after which the contract requires a slow peer to be disconnected.
const (
	headerTimeout = 20 * time.Second
	idleTimeout   = 35 * time.Second
	bodyTimeout   = 35 * time.Second
)

// uploadPace is how many bytes of a body earn another second: a steady upload of a photo or a backup can finish.
const uploadPace = 64 << 10

// limitSlowPeers disconnects slow headers and bodies (slow-loris). It does not affect streams: their request has no body, and
// what they send has its own deadlines.
func limitSlowPeers(app core.App) {
	app.OnServe().Bind(bind.Handler("timeouts", func(e *core.ServeEvent) error {
		e.Server.ReadHeaderTimeout = headerTimeout
		e.Server.IdleTimeout = idleTimeout
		e.Server.ReadTimeout = 0 // each body has its own, below
		if err := e.Next(); err != nil {
			return err
		}
		e.Server.Handler = limitBodies(e.Server.Handler, bodyTimeout)
		return nil
	}))
}

// limitBodies gives the body of each request a time in which it must arrive. It stands outside of PocketBase's
// router, which wraps the body and would hide from net/http that it broke off.
func limitBodies(next http.Handler, limit time.Duration) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Body != nil && r.Body != http.NoBody {
			body := &pacedBody{ReadCloser: r.Body, response: w, end: time.Now().Add(limit)}
			body.allow(body.end)
			r.Body = body
		}
		next.ServeHTTP(w, r)
	})
}

type pacedBody struct {
	io.ReadCloser
	response http.ResponseWriter
	end      time.Time
	received int
}

// Read reads on, and ends the connection with this answer when the peer was too slow: what is left of the body could
// not be told from a next request.
func (b *pacedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.received += n
	switch {
	case err == nil:
		b.allow(b.end.Add(time.Duration(b.received/uploadPace) * time.Second))
	case errors.Is(err, io.EOF):
		b.allow(time.Time{}) // the answer may take longer than the question
	default:
		b.response.Header().Set("Connection", "close")
	}
	return n, err
}

func (b *pacedBody) allow(until time.Time) {
	// Not every ResponseWriter has a deadline to set (httptest's has none), and then there is no peer to wait for.
	_ = http.NewResponseController(b.response).SetReadDeadline(until)
}
