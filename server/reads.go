package server

import (
	"sync"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"

	"carecollective/collections"
)

// foreignPeriod is how long the read cache may miss another process's change.
const foreignPeriod = 250 * time.Millisecond

// rememberReads enables the read cache for what every request needs, and its invalidation: changes by this process
// before they are answered, changes by another one within [foreignPeriod].
func rememberReads(app core.App) {
	forget := &hook.Handler[*core.ModelEvent]{Id: "reads.forget", Priority: -1_000, Func: func(e *core.ModelEvent) error {
		collections.ForgetReads(app)
		return e.Next()
	}}
	remembered := []string{collections.Users, collections.Standings, collections.Settings, "_collections"}
	app.OnModelAfterUpdateSuccess(remembered...).Bind(forget)
	app.OnModelAfterDeleteSuccess(remembered...).Bind(forget)
	app.OnServe().Bind(&hook.Handler[*core.ServeEvent]{Id: "serve.reads", Func: func(e *core.ServeEvent) error {
		collections.RememberReads(e.App)
		stop := make(chan struct{})
		var watching sync.WaitGroup
		watching.Go(func() { forgetForeign(e.App, stop) })
		e.App.OnTerminate().Bind(&hook.Handler[*core.TerminateEvent]{Id: "terminate.reads", Priority: -1, Func: func(t *core.TerminateEvent) error {
			close(stop)
			watching.Wait()
			return t.Next()
		}})
		return e.Next()
	}})
}

func forgetForeign(app core.App, stop <-chan struct{}) {
	tick := time.NewTicker(foreignPeriod)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return
		case <-tick.C:
		}
		if err := collections.ForgetForeign(app); err != nil {
			app.Logger().Error("Failed to check for writes by other processes", "error", err)
			collections.ForgetReads(app)
		}
	}
}
