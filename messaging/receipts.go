package messaging

import (
	"fmt"
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"carecollective/audit"
	"carecollective/collections"
	"carecollective/internal/changes"
	"carecollective/internal/store"
)

// What a member has received or read is stored twice: for themselves, and as far as the others may know it. The
// second follows the first only while the member has accepted and shares it, and not between members of whom one blocks the other.

// MarkDelivered records that messages up to seq have reached a member.
func MarkDelivered(app core.App, conversation, user string, seq int, now time.Time) error {
	own, with, err := companyOf(app, conversation, user)
	if err != nil || own == nil || !Awaits(own, seq) {
		return err
	}
	shared := sharingOf(own, with)
	if !shared.marks && seq <= own.LastDeliveredSeq() {
		return catchUpStates(app, own, shared, collections.StatusDelivered, seq, now)
	}
	before := own.SharedDeliveredSeq()
	if err := moveTo(app, own, own.LastReadSeq(), seq, shared.marks); err != nil || !shared.states {
		return err
	}
	return tellSenders(app, own, with, collections.StatusDelivered, before, seq, now)
}

// Awaits reports whether the delivery of messages up to seq changes anything: for the member, or for what the
// others may know, which stays behind while it is not shared.
func Awaits(p *collections.Participant, seq int) bool {
	return seq > p.LastDeliveredSeq() || seq > p.SharedDeliveredSeq()
}

// MarkRead records that a member has read the message and everything older. It never goes back, and is written to the audit log when
// it advances.
func MarkRead(app core.App, own *collections.Participant, m *collections.Message, now time.Time) error {
	_, with, err := companyOf(app, own.Conversation(), own.User())
	if err != nil {
		return err
	}
	shared := sharingOf(own, with)
	before := own.SharedReadSeq()
	if m.Seq() <= own.LastReadSeq() && (!shared.marks || m.Seq() <= before) {
		return catchUpStates(app, own, shared, collections.StatusRead, m.Seq(), now)
	}
	if err := audit.Record(app, audit.AuditRead, m.Id, own.User(), nil, now); err != nil {
		return err
	}
	own.ReadUpTo(m.Seq(), shared.marks)
	if err := Recount(app, own); err != nil {
		return err
	}
	err = store.Exec(app, `UPDATE conversation_participants SET last_read_seq = {:read}, last_delivered_seq = {:delivered},
		shared_read_seq = {:sharedRead}, shared_delivered_seq = {:sharedDelivered}, unread = {:unread} WHERE id = {:id}`,
		dbx.Params{
			"id": own.Id, "read": own.LastReadSeq(), "delivered": own.LastDeliveredSeq(), "unread": own.Unread(),
			"sharedRead": own.SharedReadSeq(), "sharedDelivered": own.SharedDeliveredSeq(),
		})
	if err != nil {
		return fmt.Errorf("move watermarks: %w", err)
	}
	changes.Announce(app, Changed(own, own.User()))
	if !shared.states {
		return nil
	}
	return tellSenders(app, own, with, collections.StatusRead, before, m.Seq(), now)
}

// sharing is what the others may know of what a member receives and reads.
type sharing struct {
	states bool // the states of their messages follow
	marks  bool // so does how far the member is
}

// sharing: nobody learns anything about a member who has not accepted, keeps it private, or blocks the other in a direct
// conversation. A blocked member still sees the states of the other's messages change, or they would reveal the block;
// the other learns nothing of it (see [FreezeStatus]). In a group only the blocked member is shown less ([Block.Frozen]).
func sharingOf(p *collections.Participant, with company) sharing {
	if !p.Accepted() || !p.Sees() || !with.told {
		return sharing{}
	}
	s := sharing{states: true, marks: true}
	for _, other := range with.others {
		if with.direct && other.blocked {
			return sharing{}
		}
		if with.direct && other.blocks {
			s.marks = false
		}
	}
	return s
}

// catchUpStates sets the states of messages that a member who is blocked received or read while nothing was shared yet, such
// as before they accepted. Without a block the watermark that follows does so; with one the member would notice the difference.
func catchUpStates(app core.App, own *collections.Participant, shared sharing, status string, upTo int, now time.Time) error {
	if !shared.states || shared.marks {
		return nil
	}
	_, err := markStatus(app, own, status, 0, upTo, now)
	return err
}

// company describes the other participants of a conversation, in relation to a member.
type company struct {
	direct bool // there are only the two
	told   bool // the member lets them know what was received and read
	others []companion
}

type companion struct {
	user    string
	here    bool // they take part; a member who has only been asked does not
	blocks  bool // they block the member
	blocked bool // the member blocks them
}

// companyOf finds a member's participant row and the other participants; nil if the member is not a participant.
func companyOf(app core.App, conversation, user string) (own *collections.Participant, with company, err error) {
	columns, n, schema, err := store.Joined(app, map[string]string{"o": collections.Participants})
	if err != nil {
		return nil, with, err
	}
	err = store.EachRow(store.Query(app, `SELECT `+columns+`, c.kind = 'direct',
			EXISTS (SELECT 1 FROM messaging_preferences m WHERE m.user = o.user AND m.read_receipts = TRUE),
			p.user, `+Rule{Participant: "p"}.Sees()+` AND p.consent = 'accepted',
			EXISTS (SELECT 1 FROM user_blocks b WHERE b.blocker = p.user AND b.blocked = o.user),
			EXISTS (SELECT 1 FROM user_blocks b WHERE b.blocker = o.user AND b.blocked = p.user)
		FROM conversation_participants o JOIN conversations c ON c.id = o.conversation
		LEFT JOIN conversation_participants p ON p.conversation = o.conversation AND p.user != o.user
		WHERE o.conversation = {:conversation} AND o.user = {:user}`,
		dbx.Params{"conversation": conversation, "user": user}), n+6, func(row []any) error {
		is := func(i int) bool { return store.IsTrue(row[n+i]) }
		if own == nil {
			record, err := schema.Record("o", row)
			if err != nil {
				return err
			}
			own, with.direct, with.told = collections.AsParticipant(record), is(0), is(1)
		}
		if user, ok := row[n+2].(string); ok {
			with.others = append(with.others, companion{user: user, here: is(3), blocks: is(4), blocked: is(5)})
		}
		return nil
	})
	if err != nil {
		return nil, with, fmt.Errorf("find the others of a conversation: %w", err)
	}
	return own, with, nil
}

func moveTo(app core.App, p *collections.Participant, read, delivered int, shared bool) error {
	set := "last_read_seq = MAX(last_read_seq, {:read}), last_delivered_seq = MAX(last_delivered_seq, {:delivered})"
	if shared {
		set += ", shared_delivered_seq = MAX(shared_delivered_seq, {:delivered})"
	}
	return store.Exec(app, "UPDATE conversation_participants SET "+set+" WHERE id = {:id}",
		dbx.Params{"id": p.Id, "read": read, "delivered": delivered})
}

// tellSenders sets the new state on the messages of a direct conversation, and announces it to everyone not separated from the
// reader by a block: to the sender by the newest message concerned, to everyone by the reader's participant row.
func tellSenders(app core.App, own *collections.Participant, with company, status string, after, upTo int, now time.Time) error {
	var audience []string
	for _, other := range with.others {
		if other.here && !other.blocks && !other.blocked {
			audience = append(audience, other.user)
		}
	}
	if with.direct {
		newest, err := markStatus(app, own, status, after, upTo, now)
		if err != nil {
			return err
		}
		if newest != nil && slices.Contains(audience, newest.Sender()) {
			changes.Announce(app, changes.Change{Collection: collections.Messages, Action: changes.ActionUpdate, ID: newest.Id, Record: newest.ProxyRecord(), For: []string{newest.Sender()}})
		}
	}
	mark := Changed(own, audience...)
	mark.Mark = true
	changes.Announce(app, mark)
	return nil
}

// markStatus sets a status on the others' messages between two seqs that do not have it yet, and returns the newest of
// them; nil for none. Messages that only their sender sees stay as they are. The "+ 0" keeps SQLite from planning the statement
// again for each bound value, as it does where a bare parameter meets the condition of a partial index (seq > 0).
func markStatus(app core.App, own *collections.Participant, status string, after, upTo int, now time.Time) (newest *collections.Message, err error) {
	set, before := "status = {:status}, updated_at = {:now}", "'sent'"
	if status == collections.StatusRead {
		set, before = set+", read_at = {:now}", "'sent', 'delivered'"
	}
	columns, n, schema, err := store.Joined(app, map[string]string{collections.Messages: collections.Messages})
	if err != nil {
		return nil, err
	}
	err = store.EachRow(store.Query(app, "UPDATE messages SET "+set+` WHERE conversation = {:conversation} AND seq > 0 AND seq > {:after} + 0 AND seq <= {:upTo} + 0
			AND sender NOT IN ({:reader}, '') AND private_to = '' AND status IN (`+before+`) RETURNING `+columns,
		dbx.Params{
			"status": status, "now": store.Stamp(now), "conversation": own.Conversation(), "after": after, "upTo": upTo, "reader": own.User(),
		}), n, func(row []any) error {
		record, err := schema.Record(collections.Messages, row)
		if m := collections.AsMessage(record); err == nil && (newest == nil || m.Seq() > newest.Seq()) {
			newest = m
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("mark %s: %w", status, err)
	}
	return newest, nil
}

// Changed is the change of a participant row, for those who see it.
func Changed(p *collections.Participant, audience ...string) changes.Change {
	return changes.Change{Collection: collections.Participants, Action: changes.ActionUpdate, ID: p.Id, For: audience}
}

// AudienceOf finds the members who take part in a conversation and see it, without except.
func AudienceOf(app core.App, conversation string, except []string) ([]string, error) {
	participants, err := collections.FindParticipants(app, conversation)
	if err != nil {
		return nil, err
	}
	left := map[string]bool{}
	for _, id := range except {
		left[id] = true
	}
	var audience []string
	for _, p := range participants {
		if p.Sees() && !left[p.User()] {
			audience = append(audience, p.User())
		}
	}
	return audience, nil
}

// FreezeStatus shows the state of a message to its sender, who has blocked the reader, as the sender knew it at the time of
// the block.
func FreezeStatus(app core.App, viewer string, m *collections.Message) error {
	if !showsReading(viewer, m) {
		return nil
	}
	block, err := collections.FindBlock(app, viewer, m.Recipient())
	if err != nil || block == nil {
		return err
	}
	reader, err := collections.FindParticipant(app, m.Conversation(), m.Recipient())
	if err != nil || reader == nil {
		return err
	}
	freeze(m, reader.Shared())
	return nil
}

// showsReading reports whether a message shows its viewer how far the other member of a direct conversation has read.
func showsReading(viewer string, m *collections.Message) bool {
	return viewer == m.Sender() && m.Recipient() != "" && m.Status() != collections.StatusSent
}

// WatermarkFor returns a participant's watermark as far as another may know it; nothing for a member outside the conversation.
func WatermarkFor(app core.App, p *collections.Participant, viewer string) (mark collections.Watermark, err error) {
	if p.User() == viewer {
		return p.Shared(), nil
	}
	own, err := collections.FindParticipant(app, p.Conversation(), viewer)
	if err != nil || own == nil {
		return mark, err
	}
	block, err := collections.FindBlock(app, p.User(), viewer)
	if err != nil {
		return mark, err
	}
	return p.Marks(own, block), nil
}

func freeze(m *collections.Message, reader collections.Watermark) {
	status := collections.StatusSent
	switch {
	case m.Seq() <= reader.Read:
		return
	case m.Seq() <= reader.Delivered:
		status = collections.StatusDelivered
	}
	m.Set(collections.FieldStatus, status)
	m.Set(collections.FieldReadAt, "")
	m.SetRaw(collections.FieldUpdatedAt, lastChanged(m))
}

// lastChanged is when the message itself was sent or edited last.
func lastChanged(m *collections.Message) types.DateTime {
	if edited := m.GetDateTime(collections.FieldEditedAt); !edited.IsZero() {
		return edited
	}
	return m.GetDateTime(collections.FieldCreatedAt)
}
