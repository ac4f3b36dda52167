package main

import (
	"slices"
	"sync"
	"time"
)

// samples are times that something took.
type samples struct {
	mu    sync.Mutex
	times []time.Duration
}

func (s *samples) add(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.times = append(s.times, d)
}

func (s *samples) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.times = nil
}

func (s *samples) join(other *samples) {
	other.mu.Lock()
	defer other.mu.Unlock()
	s.times = append(s.times, other.times...)
}

// percentiles are the times within which so much in a hundred stayed.
type percentiles struct{ p50, p95, p99 time.Duration }

func (s *samples) percentiles() percentiles {
	sorted := slices.Sorted(slices.Values(s.times))
	if len(sorted) == 0 {
		return percentiles{}
	}
	at := func(percent int) time.Duration { return sorted[min(len(sorted)*percent/100, len(sorted)-1)] }
	return percentiles{at(50), at(95), at(99)}
}
