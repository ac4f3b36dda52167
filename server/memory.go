package server

import (
	"context"
	"runtime/debug"
	"runtime/metrics"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/internal/background"
)

// Go collects garbage whenever the heap has doubled. The heap of a small collective is so small that a busy server spends
// a third of its time on that. So while it is busy it may use more memory, and gives it back when the work is done:
// thousands of idle streams must not cost what making them did.
const (
	memoryPeriod = 500 * time.Millisecond
	busyRate     = 32 << 20 // bytes a period that a busy server allocates
	calmRate     = 8 << 20  // and one that has nothing to do but what comes by
	calmFor      = 2        // periods until memory is given back
	headroom     = 96 << 20 // of garbage that may come together while busy
	calmPercent  = 100      // Go's own
	busyPercent  = 400      // at most
)

// memory decides how much garbage may accumulate, from the rate of allocation.
type memory struct {
	allocated uint64 // in all
	calm      int    // periods in a row
	percent   int
}

// look decides the percentage for the next period, and whether to give memory back.
func (m *memory) look(allocated, live uint64) (percent int, giveBack bool) {
	rate := allocated - m.allocated
	m.allocated = allocated
	busy := m.percent != calmPercent
	switch {
	case rate > busyRate, busy && rate > calmRate:
		m.calm = 0
		share := min(100*headroom/max(live, 1), busyPercent)
		m.percent = max(int(share), calmPercent+1)
	case busy:
		if m.calm++; m.calm >= calmFor {
			m.percent, giveBack = calmPercent, true
		}
	}
	return m.percent, giveBack
}

// watchMemory follows how busy the server is, until it stops.
func watchMemory(app core.App) {
	m, set := &memory{percent: calmPercent}, calmPercent
	background.Run(app, "memory.watch", background.Watchers, background.Every(memoryPeriod, func(context.Context) {
		percent, giveBack := m.look(measureMemory())
		if percent != set {
			debug.SetGCPercent(percent)
			set = percent
		}
		if giveBack {
			debug.FreeOSMemory()
		}
	}))
}

// measureMemory returns how much has been allocated since the start, and how much was in use at the last garbage collection.
func measureMemory() (allocated, live uint64) {
	samples := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}, {Name: "/gc/heap/live:bytes"}}
	metrics.Read(samples)
	return samples[0].Value.Uint64(), samples[1].Value.Uint64()
}
