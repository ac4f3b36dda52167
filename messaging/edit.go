package messaging

import (
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/consent"
	"carecollective/refusal"
)

// AdmitEdit checks whether the sender may still change a message.
func AdmitEdit(app core.App, m *collections.Message, now time.Time) (*Access, error) {
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

// KeepForBlockers keeps the old text for those who have blocked the sender, until an edit after an unblock.
func KeepForBlockers(app core.App, m *collections.Message, blockers []string, before string) error {
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
