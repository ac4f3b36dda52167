package messaging

import (
	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/internal/changes"
	"carecollective/internal/store"
)

// ProposeRetention stores the member's retention preference for a direct conversation, in days; 0 for none. Once
// both have one, the longer applies.
func (s *Access) ProposeRetention(app core.App, wish int) error {
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
