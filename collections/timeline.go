package collections

import (
	"fmt"
	"math"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// visible is true of a row of messages that {:viewer} may see, up to {:reach} (see [Participant] consent).
const visible = `conversation = {:conversation} AND seq > 0 AND seq <= {:reach} AND (private_to = '' OR private_to = {:viewer})`

func (p *Participant) visibleParams() dbx.Params {
	return dbx.Params{"conversation": p.Conversation(), "viewer": p.User(), "reach": p.reach()}
}

// FindBefore finds the newest messages with a seq below before that the participant may see, in ascending seq. before 0
// begins at the newest.
func FindBefore(app core.App, p *Participant, before, limit int) ([]*Message, error) {
	if before <= 0 {
		before = math.MaxInt32
	}
	messages, err := timeline(app, p, "seq < {:at}", before, "seq DESC", limit)
	for i, j := 0, len(messages)-1; i < j; i, j = i+1, j-1 {
		messages[i], messages[j] = messages[j], messages[i]
	}
	return messages, err
}

// FindAfter finds the oldest messages with a seq above after that the participant may see, in ascending seq.
func FindAfter(app core.App, p *Participant, after, limit int) ([]*Message, error) {
	return timeline(app, p, "seq > {:at}", after, "seq", limit)
}

func timeline(app core.App, p *Participant, condition string, at int, order string, limit int) ([]*Message, error) {
	params := p.visibleParams()
	params["at"] = at
	var messages []*Message
	err := app.RecordQuery(Messages).AndWhere(dbx.NewExp(visible+" AND "+condition, params)).
		OrderBy(order).Limit(int64(limit)).All(&messages)
	if err != nil {
		return nil, fmt.Errorf("list messages: %w", err)
	}
	return messages, nil
}

// FindHeld finds what a participant has written and moderators have not looked at yet.
func FindHeld(app core.App, p *Participant) ([]*Message, error) {
	var messages []*Message
	err := app.RecordQuery(Messages).
		AndWhere(dbx.HashExp{"conversation": p.Conversation(), "sender": p.User(), "seq": 0}).
		OrderBy("created_at", "id").All(&messages)
	if err != nil {
		return nil, fmt.Errorf("list held messages: %w", err)
	}
	return messages, nil
}

// FindChanged finds the messages that the participant may see and that were edited, hidden, deleted or approved since
// then, a time as PocketBase stores it.
func FindChanged(app core.App, p *Participant, since string) ([]*Message, error) {
	params := p.visibleParams()
	params["since"] = since
	var messages []*Message
	err := app.RecordQuery(Messages).AndWhere(dbx.NewExp(visible+" AND changed_at != '' AND changed_at >= {:since}", params)).
		OrderBy("seq").All(&messages)
	if err != nil {
		return nil, fmt.Errorf("list changed messages: %w", err)
	}
	return messages, nil
}

// FindVisible finds a message that member may see, with their place in its conversation; nil when there is none.
func FindVisible(app core.App, id, member string) (*Message, *Participant, error) {
	m, err := FindMessage(app, id)
	if err != nil || m == nil {
		return nil, nil, err
	}
	p, err := FindParticipant(app, m.Conversation(), member)
	if err != nil || !p.Sees() || m.Seq() > p.reach() || (m.PrivateTo() != "" && m.PrivateTo() != member) {
		return nil, nil, err
	}
	if !p.Accepted() && m.Seq() == 0 {
		return nil, nil, nil
	}
	return m, p, nil
}
