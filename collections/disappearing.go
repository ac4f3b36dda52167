package collections

import "time"

// Disappears tells whether the message was written under an agreement that it goes after some days.
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
