package messaging

import (
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/audit"
	"carecollective/collections"
	"carecollective/consent"
	"carecollective/refusal"
)

// Revision is a new text for a message.
type Revision struct {
	Content      string
	Acknowledged []string // the writer's acknowledgements
}

// Edit changes the text of a message as its sender wishes, and announces it. Everything is written in one transaction: write
// stores the row with the transaction's app, and whatever else follows from the edit.
func Edit(app core.App, id string, r Revision, write func(txApp core.App, m *collections.Message) error) error {
	return app.RunInTransaction(func(txApp core.App) error {
		m, err := collections.FindMessage(txApp, id) // as it is inside the transaction
		if err != nil {
			return err
		}
		now := time.Now() // no earlier, or a reader who asks for changes since then misses the edit
		s, err := admitEdit(txApp, m, now)
		if err != nil {
			return err
		}
		if err := keepForBlockers(txApp, m, s.Blockers); err != nil {
			return err
		}
		m.SetText(r.Content)
		m.Acknowledge(r.Acknowledged)
		m.MarkEdited(now)
		if err := Seal(txApp, m); err != nil {
			return err
		}
		if err := write(txApp, m); err != nil {
			return err
		}
		s.AnnounceChanged(txApp, m, s.Blockers)
		return audit.Record(txApp, audit.AuditEdited, m.Id, m.Sender(), nil, now)
	})
}

// admitEdit checks whether the sender may still change a message.
func admitEdit(app core.App, m *collections.Message, now time.Time) (*Access, error) {
	if m == nil {
		return nil, refusal.NotFound()
	}
	s, err := LoadAccess(app, m.Conversation(), m.Sender(), now)
	if err != nil {
		return nil, err
	}
	state := s.State()
	state.First = m.Seq() == 1
	if err := refusal.FromCode(consent.Next(state, consent.StepEdit).Code); err != nil {
		return nil, err
	}
	seen := s.Standing.PreApproval && !m.Held() // what others see would change without a moderator
	if m.Type() != collections.TypeText || m.Deleted() || m.Taken() || seen {
		return nil, refusal.Policy(refusal.NotAllowed)
	}
	if now.After(m.CreatedTime().Add(s.Settings.EditWindow())) {
		return nil, refusal.Policy(refusal.EditWindowOver)
	}
	return s, nil
}

// keepForBlockers keeps the text as it is for those who have blocked the sender, until an edit after an unblock.
func keepForBlockers(app core.App, m *collections.Message, blockers []string) error {
	before, err := m.Unseal(app)
	if err != nil {
		return err
	}
	versions, err := m.Earlier(app)
	if err != nil {
		return err
	}
	kept := map[string]collections.Version{}
	for _, blocker := range blockers {
		if version, ok := versions[blocker]; ok {
			kept[blocker] = version
		} else {
			kept[blocker] = m.Current(before)
		}
	}
	return m.SealEarlier(app, kept)
}
