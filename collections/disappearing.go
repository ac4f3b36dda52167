package collections

import (
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// Disappears reports whether the message was written under an agreement that it goes after some days.
func (m *Message) Disappears() bool { return !m.GetDateTime("expires_at").IsZero() }

// DisappearAfter lets a new message go after some days, which the two of its conversation have agreed on; 0 keeps it. What
// is agreed on later, or no more, does not change that.
func (m *Message) DisappearAfter(agreed int) {
	if agreed > 0 {
		m.Set("expires_at", stamp(m.CreatedTime().Add(days(agreed))))
	}
}

// RetentionDays is after how many days the two of the conversation have agreed that messages go; 0 for none.
func (c *Conversation) RetentionDays() int { return c.GetInt("retention_days") }

// RetentionWish is after how many days the member wishes that messages go; 0 for none.
func (p *Participant) RetentionWish() int { return p.GetInt("retention_wish") }

// Expires is when a message that disappears goes; zero for one that stays.
func (m *Message) Expires() time.Time { return m.GetDateTime("expires_at").Time() }

// WishRetention keeps after how many days the member wishes that messages of a direct conversation go; 0 for no wish. Once
// both have one, they agree on the longer.
func (s *Situation) WishRetention(app core.App, wish int) error {
	s.Own.Set("retention_wish", wish)
	agreed := 0
	if other := s.Other.RetentionWish(); wish > 0 && other > 0 {
		agreed = max(wish, other)
	}
	s.Conversation.Set("retention_days", agreed)
	if err := exec(app, "UPDATE conversation_participants SET retention_wish = {:wish} WHERE id = {:id}", dbx.Params{"id": s.Own.Id, "wish": wish}); err != nil {
		return err
	}
	if err := exec(app, "UPDATE conversations SET retention_days = {:agreed} WHERE id = {:id}", dbx.Params{"id": s.Conversation.Id, "agreed": agreed}); err != nil {
		return err
	}
	return s.announceWish(app)
}

// announceWish lets both know that there is something to look at, but not someone who blocks the one who wishes.
func (s *Situation) announceWish(app core.App) error {
	told := []string{s.Own.User()}
	block, err := FindBlock(app, s.OtherID(), s.Own.User())
	if err != nil {
		return err
	}
	if block == nil && s.Other.Sees() {
		told = append(told, s.OtherID())
	}
	Announce(app, Change{Collection: Conversations, Action: ActionUpdate, ID: s.Conversation.Id, For: told})
	return nil
}
