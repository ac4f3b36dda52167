package collections

import (
	"time"

	"carecollective/internal/store"
)

// Disappears reports whether the message was written under an agreement to delete it after some days.
func (m *Message) Disappears() bool { return !m.GetDateTime("expires_at").IsZero() }

// DisappearAfter sets after how many days a new message is deleted, as the two members have agreed; 0 keeps it. A
// later agreement, or its end, does not change that.
func (m *Message) DisappearAfter(agreed int) {
	if agreed > 0 {
		m.Set("expires_at", store.DateTime(m.CreatedTime().Add(Days(agreed))))
	}
}

// RetentionDays is the agreed number of days after which messages are deleted; 0 for none.
func (c *Conversation) RetentionDays() int { return c.GetInt("retention_days") }

// RetentionWish is the member's preferred number of days after which messages are deleted; 0 for none.
func (p *Participant) RetentionWish() int { return p.GetInt("retention_wish") }

// Expires is when a disappearing message is deleted; zero for one that stays.
func (m *Message) Expires() time.Time { return m.GetDateTime("expires_at").Time() }
