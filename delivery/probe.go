package delivery

import (
	"fmt"
	"net/http"
	"time"

	"github.com/pocketbase/pocketbase/core"
)

// probeGap is the time between the two events of the probe.
const probeGap = 300 * time.Millisecond

// probe answers GET /api/realtime/probe with two events a moment apart, by which a client learns whether a proxy on the way
// buffers streams. If both arrive at once, or the first one late, it does, and the client polls instead.
func probe(e *core.RequestEvent) error {
	header := e.Response.Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Accel-Buffering", "no")
	e.Response.WriteHeader(http.StatusOK)
	for part := 1; part <= 2; part++ {
		if part > 1 {
			select {
			case <-time.After(probeGap):
			case <-e.Request.Context().Done():
				return nil
			}
		}
		if _, err := fmt.Fprintf(e.Response, "event:probe\ndata:{\"part\":%d}\n\n", part); err != nil {
			return nil //nolint:nilerr // the client has gone
		}
		if err := e.Flush(); err != nil {
			return nil //nolint:nilerr // the client has gone
		}
	}
	return nil
}
