// Package background runs what works beside the requests, from the start of the server to its end. It knows when each part begins and
// ends, and nothing of what the parts do.
package background

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/internal/bind"
)

// Stage is when a part begins and ends: parts begin in the order of the stages, and end in the opposite order. Within a stage parts
// begin and end in the order in which they are registered.
type Stage int

// The stages. PocketBase closes its HTTP server between the end of Streams and the end of Watchers (at -9,999), and its databases after
// the end of Process.
const (
	Process  Stage = -20_000 // the port and the locks of the databases, which must be held while anything else runs
	Replica  Stage = -10_000 // copies every change until nothing writes any more
	Workers  Stage = 0       // mails, sessions, notifications, exports: they finish what is under way
	Watchers Stage = 1       // they observe the server, and nothing waits for them
	Streams  Stage = 10_000  // the clients online, who are told to come back before the HTTP server closes
	Signals  Stage = 20_000  // the last to begin: only a server that is complete can be stopped in order
)

// Run runs work from the moment the server begins to serve until it stops, and waits until work has returned. Its context ends when the
// server stops.
func Run(app core.App, id string, stage Stage, work func(context.Context)) {
	Start(app, id, stage, func(*core.ServeEvent) (stop func(), err error) { return Go(work), nil })
}

// Start calls start when the server begins to serve, and the function that it returns when the server stops. The server does not start
// when start fails.
func Start(app core.App, id string, stage Stage, start func(*core.ServeEvent) (stop func(), err error)) {
	app.OnServe().Bind(bind.At(stage, id, func(e *core.ServeEvent) error {
		stop, err := start(e)
		if err != nil {
			return err
		}
		AtStop(e.App, id, stage, func() error { stop(); return nil })
		return e.Next()
	}))
}

// AtStop calls stop when the server stops. An error does not keep the other parts from ending.
func AtStop(app core.App, id string, stage Stage, stop func() error) {
	app.OnTerminate().Bind(bind.At(-stage, id, func(t *core.TerminateEvent) error { return errors.Join(stop(), t.Next()) }))
}

// Go runs each of works until stop is called, which waits until all have returned.
func Go(works ...func(context.Context)) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	for _, work := range works {
		running.Go(func() { work(ctx) })
	}
	return func() {
		cancel()
		running.Wait()
	}
}

// Every is work that does something at once and again after each period.
func Every(period time.Duration, do func(context.Context)) func(context.Context) {
	return func(ctx context.Context) {
		tick := time.NewTicker(period)
		defer tick.Stop()
		for {
			do(ctx)
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
	}
}
