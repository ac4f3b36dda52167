package notifications

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/pocketbase/pocketbase/core"
)

const (
	yieldFor = 50 * time.Millisecond // how long what can wait lets requests go first: a slow upload must not stop it
	stillFor = 2 * time.Millisecond  // how long none must have been answered: the last answer is on its way
)

// requests are the running requests that may write.
type requests struct {
	mu       sync.Mutex
	underway int
	last     time.Time     // when one was answered
	answered chan struct{} // holds one when one was answered since it was looked
}

func newRequests() *requests { return &requests{answered: make(chan struct{}, 1)} }

// count counts a request until it is answered.
func (r *requests) count(e *core.RequestEvent) error {
	if e.Request.Method == http.MethodGet || e.Request.Method == http.MethodHead {
		return e.Next()
	}
	r.begin()
	defer r.end()
	return e.Next()
}

func (r *requests) begin() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.underway++
}

func (r *requests) end() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.underway--
	r.last = time.Now()
	select {
	case r.answered <- struct{}{}:
	default: // it is known already
	}
}

// still returns how long to wait, as far as is known; a request that ends may change it.
func (r *requests) still() time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.underway > 0 {
		return yieldFor
	}
	return stillFor - time.Since(r.last)
}

// yield returns when no request is running or was a moment ago, or after a while.
func (r *requests) yield(ctx context.Context) {
	ctx, stop := context.WithTimeout(ctx, yieldFor)
	defer stop()
	for wait := r.still(); wait > 0 && ctx.Err() == nil; wait = r.still() {
		timer := time.NewTimer(wait)
		select {
		case <-r.answered:
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
	}
}
