package messaging

import (
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/consent"
	"carecollective/internal/changes"
	"carecollective/internal/store"
	"carecollective/refusal"
)

// Retention is how long the messages of a conversation are kept, in days; 0 for no limit, or no preference.
type Retention struct {
	Agreed     int
	Own        int // the member's preference
	Others     int // the other member's
	Everywhere int // the collective's limit
}

// FindRetention returns the retention of a conversation that the member sees.
func FindRetention(app core.App, conversation, member string) (Retention, error) {
	s, err := LoadAccess(app, conversation, member, time.Now())
	if err != nil {
		return Retention{}, err
	}
	if !s.Own.Sees() {
		return Retention{}, refusal.NotFound()
	}
	return s.retention(), nil
}

// WishRetention sets the member's retention preference for a conversation, in days; 0 removes it.
func WishRetention(app core.App, conversation, member string, wish int) (r Retention, err error) {
	err = app.RunInTransaction(func(txApp core.App) error {
		s, err := LoadAccess(txApp, conversation, member, time.Now())
		if err != nil {
			return err
		}
		if err := refusal.FromCode(consent.Next(s.State(), consent.StepRetain).Code); err != nil {
			return err
		}
		if s.Own.RetentionWish() != wish {
			if err := s.proposeRetention(txApp, wish); err != nil {
				return err
			}
		}
		r = s.retention()
		return nil
	})
	return r, err
}

func (s *Access) retention() Retention {
	r := Retention{
		Agreed: s.Conversation.RetentionDays(), Own: s.Own.RetentionWish(), Everywhere: s.Settings.Int("retention_days"),
	}
	if s.Other != nil {
		r.Others = s.Other.RetentionWish()
	}
	return r
}

// proposeRetention stores the member's retention preference for a direct conversation, in days; 0 for none. Once
// both have one, the longer applies.
func (s *Access) proposeRetention(app core.App, wish int) error {
	s.Own.Set(collections.FieldRetentionWish, wish)
	agreed := 0
	if other := s.Other.RetentionWish(); wish > 0 && other > 0 {
		agreed = max(wish, other)
	}
	s.Conversation.Set(collections.FieldRetentionDays, agreed)
	if err := store.Exec(app, "UPDATE conversation_participants SET retention_wish = {:wish} WHERE id = {:id}", dbx.Params{"id": s.Own.Id, "wish": wish}); err != nil {
		return err
	}
	if err := store.Exec(app, "UPDATE conversations SET retention_days = {:agreed} WHERE id = {:id}", dbx.Params{"id": s.Conversation.Id, "agreed": agreed}); err != nil {
		return err
	}
	return s.announceRetention(app)
}

// announceRetention announces the change to both, but not to a member who blocks the other.
func (s *Access) announceRetention(app core.App) error {
	told := []string{s.Own.User()}
	block, err := collections.FindBlock(app, s.OtherID(), s.Own.User())
	if err != nil {
		return err
	}
	if block == nil && s.Other.Sees() {
		told = append(told, s.OtherID())
	}
	changes.Announce(app, changes.Change{Collection: collections.Conversations, Action: changes.ActionUpdate, ID: s.Conversation.Id, For: told})
	return nil
}
