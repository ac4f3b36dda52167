package notifications

import (
	"context"
	"errors"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"golang.org/x/time/rate"

	"carecollective/collections"
	"carecollective/outbox"
)

const (
	recordAgain  = time.Second    // how long to wait before what was sent is tried to be recorded again
	longestAsked = 24 * time.Hour // a host may ask to be left alone for as long
)

// inFlight are the entries in flight.
type inFlight struct {
	mu    sync.Mutex
	ids   map[string]bool
	ended chan struct{} // has a value if something has ended since the last look
	ctx   context.Context
	abort context.CancelFunc
	all   sync.WaitGroup
}

func newInFlight() *inFlight {
	ctx, abort := context.WithCancel(context.Background())
	return &inFlight{ids: map[string]bool{}, ended: make(chan struct{}, 1), ctx: ctx, abort: abort}
}

// now returns the entries in flight.
func (f *inFlight) now() map[string]bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return maps.Clone(f.ids)
}

func (f *inFlight) begin(id string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ids[id] || len(f.ids) >= atOnce {
		return false
	}
	f.ids[id] = true
	return true
}

func (f *inFlight) end(id string) {
	f.mu.Lock()
	delete(f.ids, id)
	f.mu.Unlock()
	select {
	case f.ended <- struct{}{}:
	default: // it is known already
	}
}

// drain waits for the entries in flight, and cancels them after a while.
func (f *inFlight) drain(after time.Duration) {
	defer time.AfterFunc(after, f.abort).Stop()
	f.all.Wait()
	f.abort()
}

// dispatch sends due entries until ctx ends, slowly enough to leave the machine to members who write.
func (n *Notifier) dispatch(ctx context.Context) {
	pace := rate.NewLimiter(perSecond, burst)
	for ctx.Err() == nil {
		due, err := n.due(time.Now())
		if err != nil {
			n.app.Logger().Error("Failed to read the outbox", "error", err)
		}
		started := 0
		for _, entry := range due {
			pace.SetLimit(n.limit(entry, time.Now()))
			if pace.Wait(ctx) != nil {
				return
			}
			n.requests.yield(ctx)
			if n.begin(entry, time.Now()) {
				started++
			}
		}
		if started == 0 {
			n.idle(ctx)
		}
	}
}

// limit is how many entries may be started in a second, the longest due first. Members who are writing go first, but not forever.
func (n *Notifier) limit(first *outbox.Outgoing, now time.Time) rate.Limit {
	if n.busy() && now.Sub(first.DueTime()) < late {
		return whileBusy
	}
	return perSecond
}

// busy reports whether a member wrote a moment ago. It uses the monotonic clock.
func (n *Notifier) busy() bool {
	return time.Since(n.begun)-time.Duration(n.written.Load()) < time.Second
}

// due returns what can be sent now. Entries that were in flight before the outbox was read are left out, even if they have arrived since.
func (n *Notifier) due(now time.Time) ([]*outbox.Outgoing, error) {
	underway := n.flying.now()
	found, err := outbox.DueOutgoing(n.app, now, n.lanes.busy(now), len(underway)+dueAtOnce)
	return slices.DeleteFunc(found, func(entry *outbox.Outgoing) bool { return underway[entry.ID] }), err
}

// idle waits until something may be due, or a slot free.
func (n *Notifier) idle(ctx context.Context) {
	timer := time.NewTimer(lookEvery)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-n.flying.ended:
	}
}

func (n *Notifier) begin(entry *outbox.Outgoing, now time.Time) bool {
	if !n.flying.begin(entry.ID) {
		return false
	}
	if !n.lanes.enter(entry.Lane, now) {
		n.flying.end(entry.ID)
		return false
	}
	n.flying.all.Go(func() {
		defer n.flying.end(entry.ID)
		n.send(n.flying.ctx, entry)
	})
	return true
}

// result is the result of an attempt.
type result struct {
	outbox.Attempt
	host host                 // what it shows about the host
	wait time.Duration        // how long the host asks us to wait
	also func(core.App) error // what is to be written together with the attempt
}

// send makes one attempt and records it. A cancelled attempt is not recorded: it is repeated.
func (n *Notifier) send(ctx context.Context, entry *outbox.Outgoing) {
	r, err := n.attempt(ctx, entry)
	now := time.Now()
	if err != nil { // our own failure: the database, or a value that cannot be decrypted
		n.app.Logger().Error("Failed to prepare a notification", "entry", entry.ID, "error", err)
		r = retry(entry, "the notification could not be prepared", now)
	}
	n.lanes.leave(entry.Lane, r.host, r.wait, now)
	if ctx.Err() != nil && r.Outcome != outbox.OutcomeSent {
		return
	}
	n.record(ctx, entry, r, now)
}

// record stores an attempt. While nothing can be stored it keeps trying: what was sent must not be sent again.
func (n *Notifier) record(ctx context.Context, entry *outbox.Outgoing, r result, now time.Time) {
	for wait := recordAgain; ; wait = min(2*wait, longestWait) {
		err := n.records.add(func(txApp core.App) error {
			if err := outbox.Settle(txApp, entry, r.Attempt, now); err != nil {
				return err
			}
			if r.also != nil {
				return r.also(txApp)
			}
			return nil
		})
		if err == nil {
			return
		}
		n.app.Logger().Error("Failed to record a notification; it will be retried", "entry", entry.ID, "error", err)
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
	}
}

func (n *Notifier) attempt(ctx context.Context, entry *outbox.Outgoing) (result, error) {
	now := time.Now()
	if entry.Expired(now) {
		return failed("the notification could not be sent in time"), nil
	}
	switch entry.Channel {
	case collections.ChannelPush:
		return n.push(ctx, entry, now)
	case collections.ChannelEmail:
		return n.email(ctx, entry, now)
	default:
		return n.callOperator(ctx, entry, now)
	}
}

func outcome(what, why string) result {
	return result{Attempt: outbox.Attempt{Outcome: what, Error: why}}
}

func sent() result { return outcome(outbox.OutcomeSent, "") }

func failed(why string) result { return outcome(outbox.OutcomeFailed, why) }

func dropped(why string) result { return outcome(outbox.OutcomeDropped, why) }

func held(until time.Time) result {
	r := outcome(outbox.OutcomeHeld, "")
	r.Again = until
	return r
}

// retry tries again later, with growing intervals; the host is not the cause.
func retry(entry *outbox.Outgoing, why string, now time.Time) result {
	r := outcome(outbox.OutcomeRetried, why)
	r.Again = now.Add(backoff(entry.Attempts + 1))
	return r
}

// unreachable tries again later, and pauses the host queue.
func unreachable(entry *outbox.Outgoing, err error, now time.Time) result {
	r := retry(entry, reasonOf(err), now)
	r.host = hostTroubled
	return r
}

// postponed tries again when the host asks for it, or later, and pauses the host queue until then.
func postponed(entry *outbox.Outgoing, why string, response *http.Response, now time.Time) result {
	r := retry(entry, why, now)
	r.host, r.wait = hostTroubled, waitAsked(response, now)
	if r.wait > 0 {
		r.Again = now.Add(r.wait)
	}
	return r
}

// waitAsked returns how long an answer asks us to wait: in seconds, or until a time.
func waitAsked(response *http.Response, now time.Time) time.Duration {
	asked := response.Header.Get("Retry-After")
	if seconds, err := strconv.Atoi(asked); err == nil && seconds > 0 {
		return min(time.Duration(min(seconds, int(longestAsked.Seconds())))*time.Second, longestAsked)
	}
	if moment, err := http.ParseTime(asked); err == nil && moment.After(now) {
		return min(moment.Sub(now), longestAsked)
	}
	return 0
}

// answered is the result of a call that the host answered: success, unless r says otherwise.
func answered(r result) result {
	if r.host == hostUnknown {
		r.host = hostAnswers
	}
	return r
}

// reasonOf returns what may be stored of an error: never the address that was called.
func reasonOf(err error) string {
	var call *url.Error
	if errors.As(err, &call) {
		err = call.Err
	}
	var timeout net.Error
	if errors.Is(err, context.DeadlineExceeded) || (errors.As(err, &timeout) && timeout.Timeout()) {
		return "the service did not answer in time"
	}
	text := err.Error()
	return text[:min(len(text), 300)]
}
