package delivery

import (
	"sync"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
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
func (r *receipts) delivered(account, conversation string, seq int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	at := place{account, conversation}
	r.due[at] = max(r.due[at], seq)
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
	if err != nil {
		r.app.Logger().Error("Failed to store receipts", "error", err)
	}
}
