package outbox

import (
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/internal/store"
)

// The kinds of entries of the outbox.
const (
	KindEvent       = "event"    // one notification
	KindSummary     = "summary"  // a summary of what was held in quiet hours
	KindDigest      = "digest"   // the daily mail about everything unread
	KindTest        = "test"     // a test of the channel
	KindResubscribe = "farewell" // asks the device to subscribe again with a new key
	KindOperator    = "operator" // for other programs and the moderators' chat
)

// How long an entry stays valid.
const (
	pushLasts     = 24 * time.Hour
	emailLasts    = 72 * time.Hour
	operatorLasts = 72 * time.Hour
	testLasts     = time.Minute
)

// LaneEmail is the host queue of all mails: there is one mail server.
const LaneEmail = "email"

// Wanted says which channels a member wants for a notification.
type Wanted struct{ App, Push, Email bool }

// Outgoing is one entry of the outbox: one notification for one device, address or program.
type Outgoing struct {
	ID        string `db:"id"`
	User      string `db:"user"`
	Notice    string `db:"notification"`
	Kind      string `db:"kind"`
	Channel   string `db:"channel"`
	Target    string `db:"target"` // the device, or the operator's channel
	Lane      string `db:"lane"`   // the queue of its host, by the host's name
	Payload   string `db:"payload"`
	Version   int    `db:"version"` // grows when more is added before the entry was sent
	Attempts  int    `db:"attempts"`
	Due       string `db:"due_at"`
	Expires   string `db:"expires_at"`
	CreatedAt string `db:"created_at"`
}

// Expired reports whether it is too late to send it.
func (o *Outgoing) Expired(now time.Time) bool { return store.Stamp(now) >= o.Expires }

// DueTime is the earliest time to send it.
func (o *Outgoing) DueTime() time.Time { return store.ParseTime(o.Due) }

// CreatedTime is when it was put into the outbox.
func (o *Outgoing) CreatedTime() time.Time { return store.ParseTime(o.CreatedAt) }

// ExpiresTime is the latest time to send it.
func (o *Outgoing) ExpiresTime() time.Time { return store.ParseTime(o.Expires) }

// Dispatch adds a notification to the outbox for every device, and for the mailbox at emailDue, as wanted.
func Dispatch(app core.App, n *collections.Notice, wanted Wanted, emailDue, now time.Time) error {
	if wanted.Push {
		if err := pushTo(app, n.User(), n.Id, KindEvent, now); err != nil {
			return err
		}
	}
	if wanted.Email {
		return mailTo(app, n.User(), n.Id, KindEvent, emailDue, now)
	}
	return nil
}

func pushTo(app core.App, user, notice, kind string, now time.Time) error {
	lasts := pushLasts
	if kind == KindTest {
		lasts = testLasts
	}
	return store.Exec(app, `INSERT INTO notification_outbox `+entryColumns+`
		SELECT `+store.NewID+`, user, {:notice}, {:kind}, 'push', id, host, '', 1, 0, {:now}, {:expires}, {:now}
		FROM push_subscriptions WHERE user = {:user}`+joinEntry,
		dbx.Params{"user": user, "notice": notice, "kind": kind, "now": store.Stamp(now), "expires": store.Stamp(now.Add(lasts))})
}

func mailTo(app core.App, user, notice, kind string, due, now time.Time) error {
	return store.Exec(app, `INSERT INTO notification_outbox `+entryColumns+`
		VALUES (`+store.NewID+`, {:user}, {:notice}, {:kind}, 'email', '', {:lane}, '', 1, 0, {:due}, {:expires}, {:now})`+joinEntry,
		dbx.Params{
			"user": user, "notice": notice, "kind": kind, "lane": LaneEmail,
			"due": store.Stamp(due), "expires": store.Stamp(due.Add(emailLasts)), "now": store.Stamp(now),
		})
}

// QueueDigest adds the daily mail of a member to the outbox, unless it is already there.
func QueueDigest(app core.App, user string, due, now time.Time) error {
	return mailTo(app, user, "", KindDigest, due, now)
}

// QueueTest queues a test for every device of a member, and returns the ids of the entries by device.
func QueueTest(app core.App, user string, now time.Time) (map[string]string, error) {
	if err := pushTo(app, user, "", KindTest, now); err != nil {
		return nil, err
	}
	var rows []struct {
		ID     string `db:"id"`
		Target string `db:"target"`
	}
	err := app.DB().NewQuery(`SELECT id, target FROM notification_outbox WHERE user = {:user} AND kind = 'test' AND created_at = {:now}`).
		Bind(dbx.Params{"user": user, "now": store.Stamp(now)}).All(&rows)
	if err != nil {
		return nil, fmt.Errorf("find the entries of a test: %w", err)
	}
	entries := map[string]string{}
	for _, row := range rows {
		entries[row.Target] = row.ID
	}
	return entries, nil
}

// DueOutgoing finds the entries that are due at now, the longest due first, except those of busy host queues.
func DueOutgoing(app core.App, now time.Time, busy []string, limit int) ([]*Outgoing, error) {
	var due []*Outgoing
	err := app.DB().Select("id", "user", "notification", "kind", "channel", "target", "lane", "payload", "version", "attempts", "due_at", "expires_at", "created_at").
		From(collections.Outbox).
		Where(dbx.NewExp("due_at <= {:now}", dbx.Params{"now": store.Stamp(now)})).
		AndWhere(dbx.NotIn("lane", collections.List(busy)...)).
		OrderBy("due_at").Limit(int64(limit)).All(&due)
	if err != nil {
		return nil, fmt.Errorf("find what is due: %w", err)
	}
	return due, nil
}

// The outcomes of an attempt to send.
const (
	OutcomeSent    = "sent"
	OutcomeRetried = "retried" // it failed and is retried
	OutcomeFailed  = "failed"  // it failed permanently
	OutcomeDropped = "dropped" // there was nothing left to send, or no recipient
	OutcomeHeld    = "held"    // it waits for the end of quiet hours
)

// Attempt is the result of one attempt to send an entry.
type Attempt struct {
	Outcome string
	Error   string    // never an address, never a text
	Again   time.Time // when to try again, or when quiet hours end
}

// Settle records an attempt and removes the entry from the outbox, or postpones it, in the transaction of app.
func Settle(app core.App, o *Outgoing, a Attempt, now time.Time) error {
	err := store.Exec(app, `INSERT INTO notification_deliveries
			(id, user, entry, notification, kind, channel, target, lane, attempt, status, error, created_at)
		VALUES (`+store.NewID+`, {:user}, {:entry}, {:notice}, {:kind}, {:channel}, {:target}, {:lane}, {:attempt}, {:status}, {:error}, {:now})`,
		dbx.Params{
			"user": o.User, "entry": o.ID, "notice": o.Notice, "kind": o.Kind, "channel": o.Channel, "target": o.Target,
			"lane": o.Lane, "attempt": o.Attempts + 1, "status": a.Outcome, "error": a.Error, "now": store.Stamp(now),
		})
	if err != nil {
		return err
	}
	switch a.Outcome {
	case OutcomeRetried:
		return store.Exec(app, "UPDATE notification_outbox SET attempts = attempts + 1, due_at = {:again} WHERE id = {:id}",
			dbx.Params{"id": o.ID, "again": store.Stamp(a.Again)})
	case OutcomeHeld:
		return hold(app, o, a.Again, now)
	case OutcomeSent:
		if err := done(app, o); err != nil {
			return err
		}
		// Anything added meanwhile is sent next; a failed or void entry is settled as a whole.
		return store.Exec(app, "UPDATE notification_outbox SET attempts = 0, expires_at = {:expires} WHERE id = {:id}",
			dbx.Params{"id": o.ID, "expires": store.Stamp(now.Add(pushLasts))})
	default:
		return done(app, o)
	}
}

// done removes an entry from the outbox, unless something was added to it meanwhile.
func done(app core.App, o *Outgoing) error {
	return store.Exec(app, "DELETE FROM notification_outbox WHERE id = {:id} AND version = {:version}", dbx.Params{"id": o.ID, "version": o.Version})
}

// hold replaces everything that arrives in quiet hours by one summary.
func hold(app core.App, o *Outgoing, until, now time.Time) error {
	if o.Kind == KindSummary {
		return store.Exec(app, "UPDATE notification_outbox SET due_at = {:until}, expires_at = {:expires} WHERE id = {:id}",
			dbx.Params{"id": o.ID, "until": store.Stamp(until), "expires": store.Stamp(until.Add(pushLasts))})
	}
	if err := store.Exec(app, "DELETE FROM notification_outbox WHERE id = {:id}", dbx.Params{"id": o.ID}); err != nil {
		return err
	}
	return store.Exec(app, `INSERT INTO notification_outbox `+entryColumns+`
		VALUES (`+store.NewID+`, {:user}, '', 'summary', {:channel}, {:target}, {:lane}, '', 1, 0, {:until}, {:expires}, {:now})`+joinEntry,
		dbx.Params{
			"user": o.User, "channel": o.Channel, "target": o.Target, "lane": o.Lane,
			"until": store.Stamp(until), "expires": store.Stamp(until.Add(pushLasts)), "now": store.Stamp(now),
		})
}

// ReconsiderHeld makes held entries of a member due for another check, after they have changed their quiet hours.
func ReconsiderHeld(app core.App, user string, now time.Time) error {
	return store.Exec(app, "UPDATE notification_outbox SET due_at = {:now} WHERE user = {:user} AND kind = 'summary' AND due_at > {:now}",
		dbx.Params{"user": user, "now": store.Stamp(now)})
}

// RepairDueTimes repairs due times that are later than any can be, because the clock was wrong.
func RepairDueTimes(app core.App, latest, now time.Time) error {
	return store.Exec(app, "UPDATE notification_outbox SET due_at = {:now}, expires_at = {:expires} WHERE due_at > {:latest}",
		dbx.Params{"now": store.Stamp(now), "expires": store.Stamp(now.Add(pushLasts)), "latest": store.Stamp(latest)})
}

// LastAttempts finds the latest attempt of each entry, by entry.
func LastAttempts(app core.App, entries []string) (map[string]Attempt, error) {
	var rows []struct {
		Entry  string `db:"entry"`
		Status string `db:"status"`
		Error  string `db:"error"`
	}
	err := app.DB().Select("entry", "status", "error").From(collections.Deliveries).
		Where(dbx.In("entry", collections.List(entries)...)).OrderBy("attempt").All(&rows)
	if err != nil {
		return nil, fmt.Errorf("find attempts: %w", err)
	}
	attempts := map[string]Attempt{}
	for _, row := range rows {
		attempts[row.Entry] = Attempt{Outcome: row.Status, Error: row.Error}
	}
	return attempts, nil
}

// ForgetDeliveries deletes the records of attempts before a time.
func ForgetDeliveries(app core.App, before time.Time) error {
	return store.Exec(app, "DELETE FROM notification_deliveries WHERE created_at < {:before}", dbx.Params{"before": store.Stamp(before)})
}

// entryColumns are the columns of an entry that SQL inserts.
const entryColumns = `(id, user, notification, kind, channel, target, lane, payload, version, attempts, due_at, expires_at, created_at)`

// joinEntry lets an addition before the entry was sent join it; an addition while it is in flight makes it be sent again.
const joinEntry = ` ON CONFLICT (user, channel, target, kind, notification) WHERE kind != 'test' AND kind != 'operator' DO UPDATE SET version = version + 1`
