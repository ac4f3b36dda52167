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
	shared, err := sharingOf(app, own)
	if err != nil || (!shared.marks && seq <= own.LastDeliveredSeq()) {
		return err
	}
	before := own.SharedDeliveredSeq()
	if err := own.moveTo(app, own.LastReadSeq(), seq, shared.marks); err != nil || !shared.states {
		return err
	}
	return tellSenders(app, own, StatusDelivered, before, seq, now)
}

// Awaits tells whether it changes anything that messages up to seq reach the member: for themselves, or for what the
// others may know, which stays behind while they may not.
func (p *Participant) Awaits(seq int) bool {
	return seq > p.LastDeliveredSeq() || seq > p.SharedDeliveredSeq()
}

// NoteRead notes that a member has read the message and everything older. It never goes back, and is put on record when
// it goes on.
func NoteRead(app core.App, own *Participant, m *Message, now time.Time) error {
	shared, err := sharingOf(app, own)
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
	return tellSenders(app, own, StatusRead, before, m.Seq(), now)
}

// sharing is what the others may know of what a member receives and reads.
type sharing struct {
	states bool // the states of their messages follow
	marks  bool // so does how far the member is
}

// sharingOf: nobody knows anything of who has not accepted, does not let them know, or blocks the other of a direct
// conversation. Whom the other has blocked sees the states of the other's messages go on, or they would tell of the block;
// the other hears nothing of it (see [Message.FreezeFor]). In a group the blocked one alone is shown less ([Block.Frozen]).
func sharingOf(app core.App, own *Participant) (sharing, error) {
	if !own.Accepted() || !own.Sees() {
		return sharing{}, nil
	}
	preferences, err := FindPreferences(app, own.User())
	if err != nil || preferences == nil || !preferences.ReadReceipts() {
		return sharing{}, err
	}
	c, err := FindConversation(app, own.Conversation())
	if err != nil || c == nil {
		return sharing{}, err
	}
	if !c.Direct() {
		return sharing{true, true}, nil
	}
	blocking, err := FindBlock(app, own.User(), c.Other(own.User()))
	if err != nil || blocking != nil {
		return sharing{}, err
	}
	blocked, err := FindBlock(app, c.Other(own.User()), own.User())
	return sharing{states: true, marks: blocked == nil}, err
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
func tellSenders(app core.App, own *Participant, status string, after, upTo int, now time.Time) error {
	c, err := FindConversation(app, own.Conversation())
	if err != nil || c == nil {
		return err
	}
	apart, err := Apart(app, own.User(), own.Conversation())
	if err != nil {
		return err
	}
	audience, err := audienceOf(app, own.Conversation(), append(apart, own.User()))
	if err != nil {
		return err
	}
	if c.Direct() {
		newest, err := markStatus(app, own, status, after, upTo, now)
		if err != nil {
			return err
		}
		if newest != nil && !slices.Contains(apart, newest.Sender()) {
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
	before := []any{StatusSent}
	set := dbx.Params{"status": status, "updated_at": Stamp(now)}
	if status == StatusRead {
		before = append(before, StatusDelivered)
		set["read_at"] = Stamp(now)
	}
	where := dbx.And(
		dbx.HashExp{"conversation": own.Conversation(), "private_to": "", "status": before},
		dbx.NewExp("seq > {:after} AND seq <= {:upTo} AND sender != {:reader} AND sender != ''",
			dbx.Params{"after": after, "upTo": upTo, "reader": own.User()}),
	)
	newest, err := typed(AsMessage)(one(app, Messages, where, "seq DESC"))
	if err != nil || newest == nil {
		return nil, err
	}
	if _, err = app.DB().Update(Messages, set, where).Execute(); err != nil {
		return nil, fmt.Errorf("mark %s: %w", status, err)
	}
	return FindMessage(app, newest.Id)
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
func (m *Message) FreezeFor(reader *Participant) {
	status := StatusSent
	switch {
	case m.Seq() <= reader.SharedReadSeq():
		return
	case m.Seq() <= reader.SharedDeliveredSeq():
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
