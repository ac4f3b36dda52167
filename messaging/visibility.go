package messaging

import (
	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/internal/store"
)

// TakesPart reports whether a member sees a conversation at all.
func TakesPart(app core.App, conversation, member string) (bool, error) {
	n, err := store.Count(app, "SELECT COUNT(*) FROM conversation_participants p WHERE p.conversation = {:conversation} AND "+Sees,
		dbx.Params{"conversation": conversation, "viewer": member})
	return n > 0, err
}

// SeenBy reports whether a participant sees the message, as text or as a tombstone.
func SeenBy(m *collections.Message, p *collections.Participant) bool {
	return p.Sees() && m.Seq() <= p.Reach() && (m.PrivateTo() == "" || m.PrivateTo() == p.User()) && (m.Seq() > 0 || m.Sender() == p.User())
}

const (
	blocking = `EXISTS (SELECT 1 FROM user_blocks b WHERE c.kind = 'direct' AND b.blocker = {:viewer}
		AND b.blocked = CASE WHEN substr(c.pair, 1, 15) = {:viewer} THEN substr(c.pair, 17) ELSE substr(c.pair, 1, 15) END)`
	Sees = `p.user = {:viewer} AND p.left_at = '' AND p.concealed = FALSE AND p.consent != 'declined'`
)

// SeesRecord reports whether a member may view one record of a collection whose events are delivered.
func SeesRecord(app core.App, member, collection, id string) (bool, error) {
	switch collection {
	case collections.Messages:
		m, _, err := FindVisible(app, id, member)
		return m != nil, err
	case collections.Conversations:
		p, err := collections.FindParticipant(app, id, member)
		return p.Sees(), err
	case collections.Participants:
		return seesPlace(app, member, id)
	}
	record, err := store.FindOne(app, collection, store.ByID(id))
	return record != nil && record.GetString(collections.FieldUser) == member, err
}

// seesPlace: members always see their own participant row, unless it is hidden from them; those of others while they take part.
func seesPlace(app core.App, member, id string) (bool, error) {
	place, err := store.Typed(collections.AsParticipant)(store.FindOne(app, collections.Participants, store.ByID(id)))
	if err != nil || place == nil {
		return false, err
	}
	if place.User() == member {
		return !place.ConversationHidden(), nil
	}
	own, err := collections.FindParticipant(app, place.Conversation(), member)
	return own.Sees(), err
}

// visible is true of a row of messages that {:viewer} may see, up to {:reach} (see [Participant] consent).
var visible = VisibleBetween("0", "{:reach}")

// VisibleBetween is the same for a stretch. It has one bound on either side: with two, SQLite would use the first one only, and
// scan everything from there.
func VisibleBetween(above, upTo string) string {
	return `conversation = {:conversation} AND seq > ` + above + ` AND seq <= ` + upTo + ` AND (private_to = '' OR private_to = {:viewer})`
}

func VisibleParams(p *collections.Participant) dbx.Params {
	return dbx.Params{"conversation": p.Conversation(), "viewer": p.User(), "reach": p.Reach()}
}

// FindVisible finds a message that member may see, with their participant row; nil if there is none.
func FindVisible(app core.App, id, member string) (*collections.Message, *collections.Participant, error) {
	m, err := collections.FindMessage(app, id)
	if err != nil || m == nil {
		return nil, nil, err
	}
	p, err := collections.FindParticipant(app, m.Conversation(), member)
	if err != nil || !p.Sees() || m.Seq() > p.Reach() || (m.PrivateTo() != "" && m.PrivateTo() != member) {
		return nil, nil, err
	}
	if !p.Accepted() && m.Seq() == 0 {
		return nil, nil, nil
	}
	return m, p, nil
}
