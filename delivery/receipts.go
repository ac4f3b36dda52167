package delivery

import (
	"sync"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/messaging"
	"carecollective/views"
)

// receipts collects what was delivered to whom, to store it together: a busy conversation costs one write, not one per message.
type receipts struct {
	app core.App
	mu  sync.Mutex
	due map[place]int
}

// place identifies one participant.
type place struct{ account, conversation string }

func newReceipts(app core.App) *receipts { return &receipts{app: app, due: map[place]int{}} }

// delivered records that messages up to seq have reached an account.
func (r *receipts) delivered(at place, seq int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.due[at] = max(r.due[at], seq)
}

// Fetched records that a member has fetched the messages of a conversation up to seq. It does not wait for the database.
func (l *Live) Fetched(conversation, member string, seq int) {
	l.receipts.delivered(place{member, conversation}, seq)
}

// listed records what a member has fetched by the records API.
func (l *Live) listed(e *core.RecordsListRequestEvent) error {
	if err := e.Next(); err != nil {
		return err
	}
	l.fetched(e.Auth, e.Records...)
	return nil
}

func (l *Live) viewed(e *core.RecordRequestEvent) error {
	if err := e.Next(); err != nil {
		return err
	}
	l.fetched(e.Auth, e.Record)
	return nil
}

func (l *Live) fetched(auth *core.Record, records ...*core.Record) {
	reader := views.ViewerOf(auth)
	if !reader.Reads {
		return // an impersonation token, which cannot read sealed values
	}
	for _, record := range records {
		if m := collections.AsMessage(record); m.Seq() > 0 && m.Sender() != reader.ID {
			l.Fetched(m.Conversation(), reader.ID, m.Seq())
		}
	}
}

// store writes the collected receipts, and announces them to the senders if the readers share them.
func (r *receipts) store(now time.Time) {
	r.mu.Lock()
	due := r.due
	r.due = map[place]int{}
	r.mu.Unlock()
	if len(due) == 0 {
		return
	}
	err := r.app.RunInTransaction(func(txApp core.App) error {
		for at, seq := range due {
			if err := messaging.MarkDelivered(txApp, at.conversation, at.account, seq, now); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		return
	}
	r.app.Logger().Error("Failed to store receipts", "error", err)
	for at, seq := range due { // to be tried again
		r.delivered(at, seq)
	}
}
