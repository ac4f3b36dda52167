package messaging

import (
	"fmt"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/internal/store"
)

// Form is how a participant sees a message.
type Form int

// The forms of a message. The order of the numbers is that of what they show.
const (
	Unseen    Form = iota // not at all
	Tombstone             // that it exists, without its text and its pictures
	Whole
)

// FormFor decides who sees a message, and in which form. It is the only place that does, with [Rule], which is the same in SQL;
// visibility_test.go compares them. A caller that needs more, such as "not my own", adds it to the answer.
func FormFor(p *collections.Participant, m *collections.Message) Form {
	switch {
	case !p.Sees(), m.Conversation() != p.Conversation():
		return Unseen
	case m.Seq() > p.Reach(): // only the request, until it is accepted
		return Unseen
	case m.Seq() == 0 && m.Sender() != p.User(): // held
		return Unseen
	case m.PrivateTo() != "" && m.PrivateTo() != p.User():
		return Unseen
	case !Legible(m, p.User()):
		return Tombstone
	}
	return Whole
}

// Legible is the part of [FormFor] that decides whether a member who sees the message may read it, too.
func Legible(m *collections.Message, user string) bool {
	return !m.Deleted() && (m.Sender() == user || (!m.Taken() && !m.WithheldFrom(user)))
}

// Rule is [FormFor] in SQL, written with the names that a query uses. The zero value names columns without an alias, and takes the
// viewer from the participant row.
type Rule struct {
	Participant string // the alias of conversation_participants
	Message     string // the alias of messages, or [Bound]
	Viewer      string // the member's id, when it is not the participant row's: a parameter or a column
}

// Bound as [Rule.Message] takes the message from the parameters of [boundTo] instead of from a row.
const Bound = ":"

// Sees is true of a participant row whose member sees the conversation at all, as [collections.Participant.Sees] is.
func (r Rule) Sees() string {
	return r.participant("left_at") + ` = '' AND ` + r.participant("concealed") + ` = FALSE AND ` + r.participant("consent") + ` != 'declined'`
}

// Seen is true of a message that is not [Unseen] to a participant of its conversation who [Rule.Sees] it. The plus keeps SQLite from
// looking for the messages of a sender in an index.
func (r Rule) Seen() string {
	return fmt.Sprintf(`(%s = 'accepted' OR %s <= 1) AND (%[2]s > 0 OR +%s = %s) AND %s`,
		r.participant("consent"), r.message("seq"), r.message("sender"), r.viewer(), r.addressed())
}

// Between is [Rule.Seen] for messages of {:conversation} with a seq, where above is not negative and upTo is not beyond the
// participant's reach. It has one bound on either side: with two, SQLite would use the first one only, and scan everything from there.
func (r Rule) Between(above, upTo string) string {
	return fmt.Sprintf(`%s = {:conversation} AND %s > %s AND %[2]s <= %[4]s AND %[5]s`,
		r.message("conversation"), r.message("seq"), above, upTo, r.addressed())
}

// Held is [Rule.Seen] for the messages of {:conversation} without a seq.
func (r Rule) Held() string {
	return fmt.Sprintf(`%s = {:conversation} AND %s = 0 AND +%s = %s AND %s`,
		r.message("conversation"), r.message("seq"), r.message("sender"), r.viewer(), r.addressed())
}

// Legible is true of a message that is [Whole], if it is seen.
func (r Rule) Legible() string {
	return fmt.Sprintf(`%s = '' AND (%s = %s OR (%s NOT IN ('hidden','removed') AND %s))`,
		r.message("deleted_at"), r.message("sender"), r.viewer(), r.message("moderation_status"), r.NotWithheld())
}

// NotWithheld is true of a message that is not withheld from the viewer. It is for the place of a conversation in a list, which
// tombstones of other kinds do not change.
func (r Rule) NotWithheld() string {
	return fmt.Sprintf(`(%s IS NULL OR instr(%[1]s, %s) = 0)`, r.message("withheld_from"), r.viewer())
}

func (r Rule) addressed() string {
	return fmt.Sprintf(`(%s = '' OR %[1]s = %s)`, r.message("private_to"), r.viewer())
}

func (r Rule) viewer() string {
	if r.Viewer != "" {
		return r.Viewer
	}
	return r.participant("user")
}

func (r Rule) participant(column string) string { return aliased(r.Participant, column) }

func (r Rule) message(column string) string {
	if r.Message == Bound {
		return "{:" + column + "}"
	}
	return aliased(r.Message, column)
}

func aliased(alias, column string) string {
	if alias == "" {
		return column
	}
	return alias + "." + column
}

// boundTo returns the parameters of a [Rule] about one message.
func boundTo(m *collections.Message) dbx.Params {
	return dbx.Params{
		"conversation": m.Conversation(), "seq": m.Seq(), "sender": m.Sender(), "private_to": m.PrivateTo(), "withheld_from": m.WithheldText(),
		"deleted_at": m.GetDateTime(collections.FieldDeletedAt).String(), "moderation_status": m.Moderation(),
	}
}

// byViewer is the rule about messages of a conversation that {:viewer} sees, with [VisibleParams].
var byViewer = Rule{Viewer: "{:viewer}"}

// TakesPart reports whether a member sees a conversation at all.
func TakesPart(app core.App, conversation, member string) (bool, error) {
	n, err := store.Count(app, "SELECT COUNT(*) FROM conversation_participants p WHERE p.conversation = {:conversation} AND "+Sees,
		dbx.Params{"conversation": conversation, "viewer": member})
	return n > 0, err
}

const blocking = `EXISTS (SELECT 1 FROM user_blocks b WHERE c.kind = 'direct' AND b.blocker = {:viewer}
		AND b.blocked = CASE WHEN substr(c.pair, 1, 15) = {:viewer} THEN substr(c.pair, 17) ELSE substr(c.pair, 1, 15) END)`

// Sees is true of the participant rows p of {:viewer} whose conversations they see.
var Sees = `p.user = {:viewer} AND ` + Rule{Participant: "p"}.Sees()

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

// VisibleParams returns the parameters of a query for what a participant sees of a conversation: {:viewer}, {:conversation} and, as
// the last bound of [Rule.Between], {:reach}.
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
	if err != nil || FormFor(p, m) == Unseen {
		return nil, nil, err
	}
	return m, p, nil
}
