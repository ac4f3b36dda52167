package collections

import (
	"fmt"
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
)

// What a member has received or read is kept twice: how far, for themselves; and how far, as the others may know it. The
// second follows the first only while the member has accepted and lets others know, and not for those who are apart.

// NoteDelivered notes that messages up to seq have reached a member.
func NoteDelivered(app core.App, conversation, user string, seq int, now time.Time) error {
	own, err := FindParticipant(app, conversation, user)
	if err != nil || own == nil || !own.Awaits(seq) {
		return err
	}
	with, err := companyOf(app, own)
	if err != nil {
		return err
	}
	shared, err := sharingOf(app, own, with)
	if err != nil || (!shared.marks && seq <= own.LastDeliveredSeq()) {
		return err
	}
	before := own.SharedDeliveredSeq()
	if err := own.moveTo(app, own.LastReadSeq(), seq, shared.marks); err != nil || !shared.states {
		return err
	}
	return tellSenders(app, own, with, StatusDelivered, before, seq, now)
}

// Awaits tells whether it changes anything that messages up to seq reach the member: for themselves, or for what the
// others may know, which stays behind while they may not.
func (p *Participant) Awaits(seq int) bool {
	return seq > p.LastDeliveredSeq() || seq > p.SharedDeliveredSeq()
}

// NoteRead notes that a member has read the message and everything older. It never goes back, and is put on record when
// it goes on.
func NoteRead(app core.App, own *Participant, m *Message, now time.Time) error {
	with, err := companyOf(app, own)
	if err != nil {
		return err
	}
	shared, err := sharingOf(app, own, with)
	if err != nil {
		return err
	}
	before := own.SharedReadSeq()
	if m.Seq() <= own.LastReadSeq() && (!shared.marks || m.Seq() <= before) {
		return nil
	}
	if err := Audit(app, AuditRead, m.Id, own.User(), nil, now); err != nil {
		return err
	}
	own.ReadUpTo(m.Seq(), shared.marks)
	if err := own.Recount(app); err != nil {
		return err
	}
	err = exec(app, `UPDATE conversation_participants SET last_read_seq = {:read}, last_delivered_seq = {:delivered},
		shared_read_seq = {:sharedRead}, shared_delivered_seq = {:sharedDelivered}, unread = {:unread} WHERE id = {:id}`,
		dbx.Params{
			"id": own.Id, "read": own.LastReadSeq(), "delivered": own.LastDeliveredSeq(), "unread": own.Unread(),
			"sharedRead": own.SharedReadSeq(), "sharedDelivered": own.SharedDeliveredSeq(),
		})
	if err != nil {
		return fmt.Errorf("move watermarks: %w", err)
	}
	Announce(app, own.changed(own.User()))
	if !shared.states {
		return nil
	}
	return tellSenders(app, own, with, StatusRead, before, m.Seq(), now)
}

// sharing is what the others may know of what a member receives and reads.
type sharing struct {
	states bool // the states of their messages follow
	marks  bool // so does how far the member is
}

// sharingOf: nobody knows anything of who has not accepted, does not let them know, or blocks the other of a direct
// conversation. Whom the other has blocked sees the states of the other's messages go on, or they would tell of the block;
// the other hears nothing of it (see [Message.FreezeFor]). In a group the blocked one alone is shown less ([Block.Frozen]).
func sharingOf(app core.App, own *Participant, with company) (sharing, error) {
	if !own.Accepted() || !own.Sees() {
		return sharing{}, nil
	}
	lets, err := LetsKnow(app, own.User())
	if err != nil || !lets {
		return sharing{}, err
	}
	s := sharing{states: true, marks: true}
	for _, other := range with {
		if other.Direct && other.Blocked {
			return sharing{}, nil
		}
		if other.Direct && other.Blocks {
			s.marks = false
		}
	}
	return s, nil
}

// company is who else has a place in a conversation, as a member stands to them.
type company []struct {
	User    string `db:"user"`
	Direct  bool   `db:"direct"`  // there are only the two
	Sees    bool   `db:"sees"`    // they see the conversation
	Blocks  bool   `db:"blocks"`  // they block the member
	Blocked bool   `db:"blocked"` // the member blocks them
}

func companyOf(app core.App, own *Participant) (with company, err error) {
	err = app.DB().NewQuery(`SELECT p.user, c.kind = 'direct' AS direct,
			p.left_at = '' AND p.concealed = FALSE AND p.consent != 'declined' AS sees,
			EXISTS (SELECT 1 FROM user_blocks b WHERE b.blocker = p.user AND b.blocked = {:member}) AS blocks,
			EXISTS (SELECT 1 FROM user_blocks b WHERE b.blocker = {:member} AND b.blocked = p.user) AS blocked
		FROM conversation_participants p JOIN conversations c ON c.id = p.conversation
		WHERE p.conversation = {:conversation} AND p.user != {:member}`).
		Bind(dbx.Params{"conversation": own.Conversation(), "member": own.User()}).All(&with)
	if err != nil {
		return nil, fmt.Errorf("find the others of a conversation: %w", err)
	}
	return with, nil
}

func (p *Participant) moveTo(app core.App, read, delivered int, shared bool) error {
	set := "last_read_seq = MAX(last_read_seq, {:read}), last_delivered_seq = MAX(last_delivered_seq, {:delivered})"
	if shared {
		set += ", shared_delivered_seq = MAX(shared_delivered_seq, {:delivered})"
	}
	return exec(app, "UPDATE conversation_participants SET "+set+" WHERE id = {:id}",
		dbx.Params{"id": p.Id, "read": read, "delivered": delivered})
}

// tellSenders puts the new state on the messages of a direct conversation, and lets those know who are not apart from the
// reader: the sender by the newest message concerned, everybody by the reader's place.
func tellSenders(app core.App, own *Participant, with company, status string, after, upTo int, now time.Time) error {
	var audience []string
	direct := false
	for _, other := range with {
		if other.Sees && !other.Blocks && !other.Blocked {
			audience = append(audience, other.User)
		}
		direct = direct || other.Direct
	}
	if direct {
		newest, err := markStatus(app, own, status, after, upTo, now)
		if err != nil {
			return err
		}
		if newest != nil && slices.Contains(audience, newest.Sender()) {
			Announce(app, Change{Collection: Messages, Action: ActionUpdate, ID: newest.Id, Record: newest.ProxyRecord(), For: []string{newest.Sender()}})
		}
	}
	mark := own.changed(audience...)
	mark.Mark = true
	Announce(app, mark)
	return nil
}

// markStatus puts a status on the messages of others between two seqs that do not have it yet, and answers the newest of
// them; nil for none. What was written for its sender alone stays as it is.
func markStatus(app core.App, own *Participant, status string, after, upTo int, now time.Time) (*Message, error) {
	set, before := "status = {:status}, updated_at = {:now}", "'sent'"
	if status == StatusRead {
		set, before = set+", read_at = {:now}", "'sent', 'delivered'"
	}
	var marked []struct {
		ID  string `db:"id"`
		Seq int    `db:"seq"`
	}
	err := app.DB().NewQuery("UPDATE messages SET " + set + ` WHERE conversation = {:conversation} AND seq > {:after} AND seq <= {:upTo}
			AND sender NOT IN ({:reader}, '') AND private_to = '' AND status IN (` + before + `) RETURNING id, seq`).
		Bind(dbx.Params{
			"status": status, "now": Stamp(now), "conversation": own.Conversation(), "after": after, "upTo": upTo, "reader": own.User(),
		}).All(&marked)
	if err != nil {
		return nil, fmt.Errorf("mark %s: %w", status, err)
	}
	if len(marked) == 0 {
		return nil, nil
	}
	newest := marked[0]
	for _, m := range marked[1:] {
		if m.Seq > newest.Seq {
			newest = m
		}
	}
	return FindMessage(app, newest.ID)
}

// changed is the change of a participant's place, for those who see it.
func (p *Participant) changed(audience ...string) Change {
	return Change{Collection: Participants, Action: ActionUpdate, ID: p.Id, For: audience}
}

// audienceOf finds who takes part in a conversation and sees it, but not except.
func audienceOf(app core.App, conversation string, except []string) ([]string, error) {
	participants, err := FindParticipants(app, conversation)
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

// FreezeFor shows the state of a message to its sender, who has blocked the reader, as far as the sender knew of the
// reading when they did.
func (m *Message) FreezeFor(reader Watermark) {
	status := StatusSent
	switch {
	case m.Seq() <= reader.Read:
		return
	case m.Seq() <= reader.Delivered:
		status = StatusDelivered
	}
	m.Set("status", status)
	m.Set("read_at", "")
	m.SetRaw("updated_at", m.lastChanged())
}

// lastChanged is when the message itself was sent or edited last.
func (m *Message) lastChanged() types.DateTime {
	if edited := m.GetDateTime("edited_at"); !edited.IsZero() {
		return edited
	}
	return m.GetDateTime("created_at")
}
