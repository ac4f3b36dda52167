package collections

import (
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/internal/store"
)

// What a participant has answered.
const (
	ConsentAccepted = "accepted"
	ConsentPending  = "pending"
	ConsentDeclined = "declined"
)

// Participant is one member's row in one conversation, with their own counts and watermarks.
type Participant struct{ core.BaseRecordProxy }

// AsParticipant reads record, a row of conversation_participants.
func AsParticipant(record *core.Record) *Participant {
	p := &Participant{}
	p.SetProxyRecord(record)
	return p
}

// NewParticipant makes a participant for user without saving it.
func NewParticipant(app core.App, conversation, user, consent string, now time.Time) (*Participant, error) {
	collection, err := app.FindCachedCollectionByNameOrId(Participants)
	if err != nil {
		return nil, err
	}
	p := AsParticipant(core.NewRecord(collection))
	p.Set("conversation", conversation)
	p.Set("user", user)
	p.Set("role", RoleMember)
	p.Set("consent", consent)
	p.Set("joined_at", store.DateTime(now))
	p.Set("latest_at", store.DateTime(now))
	p.Set("touched_at", store.DateTime(now))
	return p, nil
}

// FindParticipant finds the participant row of user in a conversation, in any state; nil if there is none.
func FindParticipant(app core.App, conversation, user string) (*Participant, error) {
	return store.Typed(AsParticipant)(store.FindOne(app, Participants, dbx.HashExp{"conversation": conversation, "user": user}))
}

// FindParticipants finds all participants of a conversation, in the order of joining.
func FindParticipants(app core.App, conversation string) ([]*Participant, error) {
	var all []*Participant
	err := store.Untimed(app.RecordQuery(Participants).AndWhere(dbx.HashExp{"conversation": conversation}).OrderBy("joined_at", "id")).All(&all)
	if err != nil {
		return nil, fmt.Errorf("find participants: %w", err)
	}
	return all, nil
}

// Conversation is the id of the conversation.
func (p *Participant) Conversation() string { return p.GetString("conversation") }

// User is the id of the member.
func (p *Participant) User() string { return p.GetString("user") }

// Role is the role in the conversation.
func (p *Participant) Role() string { return p.GetString("role") }

// SetRole gives the member a role in the conversation.
func (p *Participant) SetRole(role string) { p.Set("role", role) }

// Consent is the member's real answer.
func (p *Participant) Consent() string { return p.GetString("consent") }

// Accepted reports whether the member has accepted the conversation.
func (p *Participant) Accepted() bool { return p.Consent() == ConsentAccepted }

// Left reports whether the member has left.
func (p *Participant) Left() bool { return !p.GetDateTime("left_at").IsZero() }

// Leave records that the member has left.
func (p *Participant) Leave(now time.Time) { p.Set("left_at", store.DateTime(now)) }

// ConversationHidden reports whether the conversation is still hidden from the member.
func (p *Participant) ConversationHidden() bool { return p.GetBool("concealed") }

// HideConversation hides the conversation from the member until [Participant.Reveal].
func (p *Participant) HideConversation() { p.Set("concealed", true) }

// UnhideConversation shows the conversation to the member from now on.
func (p *Participant) UnhideConversation(now time.Time) {
	p.Set("concealed", false)
	p.Touch(now)
}

// Sees reports whether the member sees the conversation at all.
func (p *Participant) Sees() bool {
	return p != nil && !p.Left() && !p.ConversationHidden() && p.Consent() != ConsentDeclined
}

// AskedBy records who asked the member to join, which counts as a request to them.
func (p *Participant) AskedBy(user string, young bool, now time.Time) {
	p.Set("invited_by", user)
	p.Set("requested_at", store.DateTime(now))
	p.Set("young_sender", young)
}

// InvitedBy is the member who started or invited; empty for that member's own row.
func (p *Participant) InvitedBy() string { return p.GetString("invited_by") }

// BroughtBy records who added the member without asking first.
func (p *Participant) BroughtBy(user string) { p.Set("invited_by", user) }

// RequestedAt is when the member was asked; zero if they were not.
func (p *Participant) RequestedAt() time.Time { return p.GetDateTime("requested_at").Time() }

// Unread is how many messages of others come after the last one read.
func (p *Participant) Unread() int { return p.GetInt("unread") }

// LatestSeq is the seq of the newest message that the member may see.
func (p *Participant) LatestSeq() int { return p.GetInt("latest_seq") }

// LatestAt is when that message came.
func (p *Participant) LatestAt() string { return p.GetDateTime("latest_at").String() }

// TouchedAt is when anything that the member sees of the conversation last changed.
func (p *Participant) TouchedAt() string { return p.GetDateTime("touched_at").String() }

// Touch records that something that the member sees has changed.
func (p *Participant) Touch(now time.Time) { p.Set("touched_at", store.DateTime(now)) }

// LastReadSeq is how far the member has read.
func (p *Participant) LastReadSeq() int { return p.GetInt("last_read_seq") }

// LastDeliveredSeq is how far messages have reached the member.
func (p *Participant) LastDeliveredSeq() int { return p.GetInt("last_delivered_seq") }

// SharedReadSeq is how far the member has read, as far as the others may know.
func (p *Participant) SharedReadSeq() int { return p.GetInt("shared_read_seq") }

// SharedDeliveredSeq is how far messages have reached the member, as far as the others may know.
func (p *Participant) SharedDeliveredSeq() int { return p.GetInt("shared_delivered_seq") }

// Shared returns the member's watermark as far as the others may know it.
func (p *Participant) Shared() Watermark { return Watermark{p.SharedReadSeq(), p.SharedDeliveredSeq()} }

// Marks returns the member's watermark as one other participant may know it: a blocked member sees it frozen at what they
// knew before; a member who has not accepted sees nothing beyond the first message.
func (p *Participant) Marks(other *Participant, block *Block) Watermark {
	mark := p.Shared()
	if block != nil {
		mark = block.Frozen(p.Conversation())
	}
	return Watermark{min(mark.Read, other.Reach()), min(mark.Delivered, other.Reach())}
}

// ReadUpTo moves the member's own watermark forward, and the shared one if the others may know.
func (p *Participant) ReadUpTo(seq int, shared bool) {
	p.Set("last_read_seq", max(seq, p.LastReadSeq()))
	p.Set("last_delivered_seq", max(seq, p.LastDeliveredSeq()))
	if shared {
		p.Set("shared_read_seq", max(seq, p.SharedReadSeq()))
		p.Set("shared_delivered_seq", max(seq, p.SharedDeliveredSeq()))
	}
}

// Reach returns the last seq that the member may see: only the request while it is pending.
func (p *Participant) Reach() int {
	if p.Accepted() {
		return 1 << 31
	}
	return 1
}

// TouchAll records that something that everyone sees of the conversation has changed.
func TouchAll(app core.App, conversation string, now time.Time) error {
	return store.Exec(app, "UPDATE conversation_participants SET touched_at = {:now} WHERE conversation = {:conversation} AND left_at = ''",
		dbx.Params{"conversation": conversation, "now": store.Stamp(now)})
}

// Answer stores the member's answer to a request. Accepting means joining: it shows in the others' lists too.
func (p *Participant) Answer(consent string, now time.Time) {
	p.Set("consent", consent)
	if consent == ConsentAccepted {
		p.Set("joined_at", store.DateTime(now))
		p.Touch(now)
	}
}

// StoreUnhidden stores the changes by [Participant.Reveal] and a recount.
func (p *Participant) StoreUnhidden(app core.App) error {
	return store.Exec(app, `UPDATE conversation_participants SET concealed = FALSE, touched_at = {:touched}, unread = {:unread},
		latest_seq = {:seq}, latest_at = {:at} WHERE id = {:id}`,
		dbx.Params{"id": p.Id, "touched": p.TouchedAt(), "unread": p.Unread(), "seq": p.LatestSeq(), "at": p.LatestAt()})
}
