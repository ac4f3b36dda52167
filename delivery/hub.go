package delivery

import (
	"sync"
	"time"
)

// hub knows the open streams, by account and by address.
type hub struct {
	mu        sync.RWMutex
	all       map[*stream]bool
	byAccount map[string][]*stream
	byAddress map[string]int
	closed    bool
	kept      time.Time // when all were last asked whether they need a heartbeat
}

func newHub() *hub {
	return &hub{all: map[*stream]bool{}, byAccount: map[string][]*stream{}, byAddress: map[string]int{}}
}

// enter counts a new stream; false if its address already has limit of them, or if the hub is closed.
func (h *hub) enter(s *stream, limit int) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed || h.byAddress[s.address] >= limit {
		return false
	}
	h.byAddress[s.address]++
	h.all[s] = true
	return true
}

// claim registers a stream for its account; false if the account already has limit of them. Repeated claims are allowed.
func (h *hub) claim(s *stream, account string, limit int) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	open := h.byAccount[account]
	for _, other := range open {
		if other == s {
			return true
		}
	}
	if len(open) >= limit || !h.all[s] {
		return false
	}
	h.byAccount[account] = append(open[:len(open):len(open)], s) // readers keep the old list
	return true
}

func (h *hub) leave(s *stream) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.all[s] {
		return
	}
	delete(h.all, s)
	if h.byAddress[s.address]--; h.byAddress[s.address] == 0 {
		delete(h.byAddress, s.address)
	}
	account := s.owner()
	var rest []*stream
	for _, other := range h.byAccount[account] {
		if other != s {
			rest = append(rest, other)
		}
	}
	if len(rest) == 0 {
		delete(h.byAccount, account)
	} else {
		h.byAccount[account] = rest
	}
}

// of lists the open streams of an account. The list does not change afterwards.
func (h *hub) of(account string) []*stream {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.byAccount[account]
}

// list lists all open streams.
func (h *hub) list() []*stream {
	h.mu.RLock()
	defer h.mu.RUnlock()
	streams := make([]*stream, 0, len(h.all))
	for s := range h.all {
		streams = append(streams, s)
	}
	return streams
}

// keep reports whether it is time to look at every stream again, and notes that.
func (h *hub) keep(now time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if since := now.Sub(h.kept); since >= 0 && since < keepGap { // negative when the clock was set back
		return false
	}
	h.kept = now
	return true
}

// close admits no more streams, and returns those that are open.
func (h *hub) close() []*stream {
	h.mu.Lock()
	h.closed = true
	h.mu.Unlock()
	return h.list()
}
