package collections

import (
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// Disappears reports whether the message was written under an agreement to delete it after some days.
func (m *Message) Disappears() bool { return !m.GetDateTime("expires_at").IsZero() }

// DisappearAfter sets after how many days a new message is deleted, as the two members have agreed; 0 keeps it. A
// later agreement, or its end, does not change that.
func (m *Message) DisappearAfter(agreed int) {
	if agreed > 0 {
		m.Set("expires_at", stamp(m.CreatedTime().Add(days(agreed))))
	}
}

// RetentionDays is the agreed number of days after which messages are deleted; 0 for none.
func (c *Conversation) RetentionDays() int { return c.GetInt("retention_days") }

// RetentionWish is the member's preferred number of days after which messages are deleted; 0 for none.
func (p *Participant) RetentionWish() int { return p.GetInt("retention_wish") }

// Expires is when a disappearing message is deleted; zero for one that stays.
func (m *Message) Expires() time.Time { return m.GetDateTime("expires_at").Time() }

// WishRetention stores the member's retention preference for a direct conversation, in days; 0 for none. Once
// both have one, the longer applies.
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

// announceWish announces the change to both, but not to a member who blocks the other.
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
