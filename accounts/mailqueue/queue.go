package mailqueue

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const (
	shortest = 5 * time.Second
	longest  = 15 * time.Minute
	lookOut  = 30 * time.Second // for mails that another process has stored
	giveUp   = 5 * 24 * time.Hour
)

// try is the state of a mail that could not be sent.
type try struct {
	failures int
	again    time.Time
}

// backoff doubles the wait with each failure.
func backoff(failures int) time.Duration {
	return min(shortest<<min(failures-1, 10), longest)
}

// Run sends pending mails, oldest first, until ctx ends. Refused mails are retried with growing intervals.
func (o *Queue) Run(ctx context.Context) {
	for ctx.Err() == nil {
		wait := o.sendPending(ctx)
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-o.wake:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// sendPending tries each due mail once, and returns when to check again.
func (o *Queue) sendPending(ctx context.Context) time.Duration {
	if !o.server().Enabled {
		return lookOut
	}
	names, err := o.pendingNames()
	if err != nil {
		o.logger().Error("Failed to list pending mails", "error", err)
		return lookOut
	}
	maps.DeleteFunc(o.tries, func(name string, _ try) bool { return !slices.Contains(names, name) })
	reachable := true
	for _, name := range names {
		switch {
		case ctx.Err() != nil:
			return 0
		case time.Now().Before(o.tries[name].again):
		case reachable:
			reachable = o.sendOne(ctx, name)
		default:
			o.postpone(name)
		}
	}
	return o.nextDue()
}

// pendingNames lists by name, which is by time.
func (o *Queue) pendingNames() ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(o.dir, pending))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var names []string
	for _, entry := range entries {
		if name := entry.Name(); strings.HasSuffix(name, extension) && !strings.HasPrefix(name, ".") {
			names = append(names, name)
		}
	}
	return names, err
}

// sendOne tries one mail and reports whether the server could be reached.
func (o *Queue) sendOne(ctx context.Context, name string) (reachable bool) {
	err := o.deliverFile(ctx, filepath.Join(o.dir, pending, name))
	if err == nil || ctx.Err() != nil {
		return true
	}
	o.logger().Warn("Failed to send a mail; it will be retried", "mail", name, "error", reason(err))
	o.postpone(name)
	o.returnOld(name)
	return !errors.Is(err, errUnreachable)
}

func (o *Queue) deliverFile(ctx context.Context, path string) error {
	file, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	e, message, err := decode(file)
	if err != nil {
		return err
	}
	if err := deliver(ctx, o.server(), e, message); err != nil {
		return err
	}
	if err := os.Remove(path); err != nil {
		return fmt.Errorf("remove sent mail: %w", err)
	}
	return syncDir(filepath.Dir(path))
}

// returnOld moves a mail that was refused for days back to the operator's directory.
func (o *Queue) returnOld(name string) {
	path := filepath.Join(o.dir, pending, name)
	info, err := os.Stat(path)
	if err != nil || time.Since(info.ModTime()) < giveUp {
		return
	}
	if err := os.Rename(path, filepath.Join(o.dir, name)); err != nil {
		o.logger().Error("Failed to return a mail to the outbox", "mail", name, "error", err)
		return
	}
	o.logger().Error("A mail was undeliverable for five days and is back in the outbox", "mail", name)
}

func (o *Queue) postpone(name string) {
	failures := o.tries[name].failures + 1
	o.tries[name] = try{failures, time.Now().Add(o.delay(failures))}
}

// nextDue returns how long nothing is due.
func (o *Queue) nextDue() time.Duration {
	wait := lookOut
	for _, t := range o.tries {
		wait = min(wait, time.Until(t.again))
	}
	return max(wait, 0)
}
