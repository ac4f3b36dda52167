package delivery

import (
	"sync"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/views"
)

// receipts collects what has reached whom, to be stored together: a busy conversation costs one write, not one a message.
type receipts struct {
	app core.App
	mu  sync.Mutex
	due map[place]int
}

// place is one member in one conversation.
type place struct{ account, conversation string }

func newReceipts(app core.App) *receipts { return &receipts{app: app, due: map[place]int{}} }

// delivered notes that messages up to seq have reached an account.
func (r *receipts) delivered(at place, seq int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.due[at] = max(r.due[at], seq)
}

// Fetched notes that a member has fetched the messages of a conversation up to seq. It does not wait for the database.
func (l *Live) Fetched(conversation, member string, seq int) {
	l.receipts.delivered(place{member, conversation}, seq)
}

// listed notes what a member has fetched by the records API.
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
		return // someone in the member's name, who can open nothing
	}
	for _, record := range records {
		if m := collections.AsMessage(record); m.Seq() > 0 && m.Sender() != reader.ID {
			l.Fetched(m.Conversation(), reader.ID, m.Seq())
		}
	}
}

// store writes what has come together, and tells the senders as far as the readers let them know.
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
			if err := collections.NoteDelivered(txApp, at.conversation, at.account, seq, now); err != nil {
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
