package background_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/internal/background"
)

// app is one that is never opened: only its events are used.
func app(t *testing.T) core.App {
	return core.NewBaseApp(core.BaseAppConfig{DataDir: t.TempDir()})
}

func serve(app core.App) error {
	return app.OnServe().Trigger(&core.ServeEvent{App: app})
}

func stop(app core.App) error {
	return app.OnTerminate().Trigger(&core.TerminateEvent{App: app})
}

func TestPartsBeginInTheOrderOfTheStagesAndEndInTheOpposite(t *testing.T) {
	app := app(t)
	app.OnServe().Unbind("__pbCronStart__")
	app.OnTerminate().UnbindAll()
	var order []string
	for _, part := range []struct {
		name  string
		stage background.Stage
	}{{"streams", background.Streams}, {"worker", background.Workers}, {"port", background.Process}, {"watcher", background.Watchers}} {
		background.Start(app, part.name, part.stage, func(*core.ServeEvent) (func(), error) {
			order = append(order, "+"+part.name)
			return func() { order = append(order, "-"+part.name) }, nil
		})
	}
	if err := errors.Join(serve(app), stop(app)); err != nil {
		t.Fatal(err)
	}
	want := []string{"+port", "+worker", "+watcher", "+streams", "-streams", "-watcher", "-worker", "-port"}
	if !slices.Equal(order, want) {
		t.Errorf("got %v, want %v", order, want)
	}
}

func TestTheEndWaitsForTheWorkAndOthersGoOnAfterAnError(t *testing.T) {
	app := app(t)
	app.OnServe().Unbind("__pbCronStart__")
	app.OnTerminate().UnbindAll()
	finished := false
	background.Run(app, "test.work", background.Workers, func(ctx context.Context) {
		<-ctx.Done()
		finished = true
	})
	failed := errors.New("failed")
	background.AtStop(app, "test.broken", background.Streams, func() error { return failed })
	if err := serve(app); err != nil {
		t.Fatal(err)
	}
	if err := stop(app); !errors.Is(err, failed) {
		t.Errorf("got %v", err)
	}
	if !finished {
		t.Error("the end did not wait")
	}
}

func TestAServerDoesNotStartWithoutAPart(t *testing.T) {
	app := app(t)
	app.OnServe().Unbind("__pbCronStart__")
	failed := errors.New("failed")
	background.Start(app, "test.part", background.Workers, func(*core.ServeEvent) (func(), error) { return nil, failed })
	if err := serve(app); !errors.Is(err, failed) {
		t.Errorf("got %v", err)
	}
}

func TestEveryBeginsAtOnceAndRepeats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		count := 0
		stop := background.Go(background.Every(time.Minute, func(context.Context) { count++ }))
		time.Sleep(150 * time.Second)
		stop()
		if count != 3 {
			t.Errorf("ran %d times", count)
		}
	})
}
