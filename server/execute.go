package server

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/pocketbase/pocketbase"
	"github.com/pocketbase/pocketbase/cmd"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/internal/background"
	"carecollective/internal/bind"
)

// shutdownTimeout is how long the program waits for running work when it is told to stop. Acknowledged data is on
// the disk by then in any case.
const shutdownTimeout = 4 * time.Second

// Execute runs the command line. It replaces PocketBase's own Execute, which drops the errors of commands
// and opens the database before it knows whether the command can run at all.
func Execute(app *pocketbase.PocketBase, config Config) error {
	app.RootCmd.AddCommand(cmd.NewSuperuserCommand(app), cmd.NewServeCommand(app, true))
	app.RootCmd.Short = "Consent-based messaging for a mutual aid collective"
	app.RootCmd.Version = version()
	makeStrict(app.RootCmd)
	begin := &start{app: app, config: config}
	app.RootCmd.PersistentPreRunE = begin.prepare

	return errors.Join(runUntilStopped(app), terminate(app), begin.close())
}

// Fail prints an error in the way of all our commands: one line, and exit code 1.
func Fail(err error) {
	fmt.Fprintln(os.Stderr, "Error: "+oneLine(err))
	os.Exit(1)
}

// runUntilStopped runs the chosen command until it ends or, once the server serves, until it is told to stop. Other
// commands are simply ended by a signal: what they do is one transaction.
func runUntilStopped(app *pocketbase.PocketBase) error {
	stop := make(chan os.Signal, 1)
	awaitSignals(app, stop)
	done := make(chan error, 1)
	go func() { done <- app.RootCmd.Execute() }()
	select {
	case err := <-done:
		return err
	case <-stop:
		signal.Stop(stop) // a second signal ends the program at once
		return nil
	}
}

// awaitSignals has stop told of the signals that end a server, once it serves.
func awaitSignals(app core.App, stop chan<- os.Signal) {
	app.OnServe().Bind(bind.At(background.Signals, "signals", func(e *core.ServeEvent) error {
		err := e.Next()
		signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
		return err
	}))
}

func terminate(app *pocketbase.PocketBase) error {
	event := new(core.TerminateEvent)
	event.App = app
	done := make(chan error, 1)
	go func() {
		done <- app.OnTerminate().Trigger(event, func(e *core.TerminateEvent) error {
			return e.App.ResetBootstrapState()
		})
	}()
	select {
	case err := <-done:
		return err
	case <-time.After(shutdownTimeout):
		return nil
	}
}

func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(untracked)"
}
