// Package notifications notifies members in the app, by push notification and by mail, as each of them
// wishes, and operators by webhooks and chat. It works in the background from stored data, and does not know how
// that data came about.
//
// A message marks its recipients' participant rows, in its own transaction. A moment later, unless it was read by then,
// the mark becomes a notification with an entry in the outbox for each device and mailbox; an entry leaves the outbox in the
// transaction that records the result. So nothing is lost when the server dies: what was not recorded is repeated
// under the same id, so that the receiver recognizes a duplicate.
package notifications

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/mailer"

	"carecollective/collections"
	"carecollective/internal/background"
	"carecollective/internal/bind"
	"carecollective/internal/readcache"
	"carecollective/notifications/egress"
	"carecollective/notifications/wording"
	"carecollective/outbox"
)

const (
	lookEvery = 400 * time.Millisecond // how often it looks for what is due
	patience  = 15 * time.Second       // how long one call may take
	farewell  = 2 * time.Second        // how long a stopping server waits for the calls in flight
	atOnce    = 128                    // how many calls are in flight at once
	dueAtOnce = 32                     // how many entries are looked up together
	perSecond = 220                    // how many are begun in a second: ten thousand within a minute, at a quarter of a processor
	whileBusy = 5                      // and while a member writes, who must not be delayed
	late      = time.Minute            // but so long at most
	burst     = 4
)

// Mailbox sends a mail, and waits until a mail server has accepted it, or it is stored if there is none.
type Mailbox interface {
	SendNow(ctx context.Context, m *mailer.Message) error
}

// Options are the dependencies of the notifier.
type Options struct {
	Mail   Mailbox
	Client *http.Client // the client for addresses that others have chosen; nil for the guarded one
	Words  *wording.Catalogue
}

// Notifier is the worker of one app.
type Notifier struct {
	app      core.App
	mail     Mailbox
	client   *http.Client
	words    *wording.Catalogue
	lanes    *hostQueues
	flying   *inFlight
	records  *records
	requests *requests
	begun    time.Time
	written  atomic.Int64         // how long after that a message was written last, as a duration
	checked  map[string]time.Time // when participants were checked last, by id; for watch alone
	end      func()               // of watching and dispatching
}

// Register binds the notifier to the start and the end of the server, with the link in mails and the events for
// operators.
func Register(app core.App, options Options) *Notifier {
	if options.Client == nil {
		options.Client = guarded()
	}
	n := &Notifier{
		app: app, mail: options.Mail, client: options.Client, words: options.Words,
		lanes: newHostQueues(), flying: newInFlight(), requests: newRequests(), begun: time.Now(),
		checked: map[string]time.Time{},
	}
	n.records = newRecords(app, n.busy)
	app.OnRecordAfterCreateSuccess(collections.Messages).Bind(bind.Handler("notifications.messages.written", n.noteWritten))
	app.OnServe().Bind(bind.Handler("notifications.routes", func(e *core.ServeEvent) error {
		e.Router.Bind(bind.Handler("notifications.requests", n.requests.count))
		n.bindLinks(e)
		return e.Next()
	}))
	background.Start(app, "notifications", background.Workers, n.start)
	registerOperators(app)
	app.Cron().MustAdd("collective.deliveries", "37 * * * *", func() {
		if err := tidy(app, time.Now()); err != nil {
			app.Logger().Error("Failed to clean up the outbox", "error", err)
		}
	})
	return n
}

// noteWritten notes when a message was written last.
func (n *Notifier) noteWritten(e *core.RecordEvent) error {
	n.written.Store(int64(time.Since(n.begun)))
	return e.Next()
}

// guarded is the client for addresses that others have chosen.
func guarded() *http.Client { return egress.Client(patience) }

// tidy deletes old attempts, and repairs due times that a wrong clock has postponed: nothing waits longer than for the next mail,
// and a day more for quiet hours, the digest, or a host that asks for it.
func tidy(app core.App, now time.Time) error {
	settings, err := readcache.Settings(app)
	if err != nil {
		return err
	}
	latest := now.Add(settings.EmailAfter() + settings.EmailAgain() + 48*time.Hour)
	return errors.Join(
		outbox.ForgetDeliveries(app, now.Add(-settings.KeepDeliveries())),
		outbox.RepairDueTimes(app, latest, now),
	)
}

func (n *Notifier) start(*core.ServeEvent) (stop func(), err error) {
	if err := MakeKeys(n.app, time.Now()); err != nil {
		return nil, err
	}
	go n.records.run() // until stop, when nothing is on its way any more
	n.end = background.Go(background.Every(lookEvery, n.watch), n.dispatch)
	return n.stop, nil
}

// stop starts nothing more, lets calls in flight end, and cancels those that take too long: they are retried by the next
// start.
func (n *Notifier) stop() {
	n.end()
	n.flying.drain(farewell)
	n.records.end()
}

// watch turns marks into notifications.
func (n *Notifier) watch(ctx context.Context) {
	if err := n.notifyDue(ctx, time.Now()); err != nil {
		n.app.Logger().Error("Failed to create notifications", "error", err)
	}
}

const (
	placesAtOnce = 64              // how many participants are checked together
	restFor      = 2 * time.Second // how long a participant is left alone after a check: in a busy conversation the next message makes each check useless
)

// notifyDue checks every participant whose mark is old enough, but none twice within [restFor].
func (n *Notifier) notifyDue(ctx context.Context, now time.Time) error {
	settings, err := readcache.Settings(n.app)
	if err != nil {
		return err
	}
	maps.DeleteFunc(n.checked, func(_ string, at time.Time) bool { return now.Sub(at) >= restFor || at.After(now) })
	for ctx.Err() == nil {
		due, err := FindDueParticipants(n.app, settings.NotifyAfter(), now, placesAtOnce+len(n.checked))
		if err != nil {
			return err
		}
		due = slices.DeleteFunc(due, func(place *DueParticipant) bool { return !n.checked[place.ID].IsZero() })
		if len(due) == 0 {
			return nil
		}
		for _, place := range due {
			n.checked[place.ID] = now
		}
		if failed := n.notifyAll(due, settings, now); failed > 0 {
			return fmt.Errorf("%d participants could not be notified; they will be retried", failed)
		}
	}
	return nil
}
