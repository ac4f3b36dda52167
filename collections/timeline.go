package collections

import (
	"fmt"
	"math"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// visible is true of a row of messages that {:viewer} may see, up to {:reach} (see [Participant] consent).
var visible = visibleBetween("0", "{:reach}")

// visibleBetween is the same for a stretch. It has one bound on either side: with two, SQLite would use the first one only, and
// scan everything from there.
func visibleBetween(above, upTo string) string {
	return `conversation = {:conversation} AND seq > ` + above + ` AND seq <= ` + upTo + ` AND (private_to = '' OR private_to = {:viewer})`
}

func (p *Participant) visibleParams() dbx.Params {
	return dbx.Params{"conversation": p.Conversation(), "viewer": p.User(), "reach": p.reach()}
}

// Stretch is a range of messages in a conversation.
type Stretch struct {
	Newer bool   // upwards from At; else downwards
	At    int    // the seq beyond which it goes; 0 is the end to begin at
	Limit int    // how many
	Since string // also those changed since this time, as PocketBase stores it; "" for none
}

// Timeline is the result of [FindTimeline].
type Timeline struct {
	Messages []*Message // in ascending seq
	More     bool       // there are more beyond them
	Held     []*Message // the participant's held messages
	Changed  []*Message // edited, hidden, deleted or approved since the time that was asked for
}

// FindTimeline finds what a participant sees of a stretch, with one query.
func FindTimeline(app core.App, p *Participant, s Stretch) (*Timeline, error) {
	params := p.visibleParams()
	stretch, order := visibleBetween("0", "{:upTo}"), "seq DESC"
	if s.Newer {
		stretch, order = visibleBetween("{:at}", "{:reach}"), "seq"
	} else if s.At == 0 {
		s.At = math.MaxInt32
	}
	params["at"], params["upTo"], params["limit"], params["since"] = s.At, min(p.reach(), s.At-1), s.Limit+1, s.Since
	columns, n, schema, err := joined(app, map[string]string{"m": Messages})
	if err != nil {
		return nil, err
	}
	where := `m.rowid IN (
		SELECT rowid FROM (SELECT rowid FROM messages WHERE ` + stretch + ` ORDER BY ` + order + ` LIMIT {:limit} ` + unplanned + `)
		UNION ALL SELECT rowid FROM messages WHERE conversation = {:conversation} AND seq = 0 AND sender = {:viewer}`
	if s.Since != "" {
		where += ` UNION ALL SELECT rowid FROM messages WHERE ` + visible + ` AND changed_at != '' AND changed_at >= {:since}`
	}
	var found []*Message
	err = eachRow(query(app, `SELECT `+columns+` FROM messages m WHERE `+where+`)
		ORDER BY m.seq, m.created_at, m.id`, params), n, func(row []any) error {
		record, err := schema.record("m", row)
		found = append(found, AsMessage(record))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list messages: %w", err)
	}
	return s.sort(found), nil
}

// sort separates the rows of the query. Changed messages may be inside the stretch or beyond it.
func (s Stretch) sort(found []*Message) *Timeline {
	t := &Timeline{Messages: []*Message{}, Held: []*Message{}, Changed: []*Message{}}
	for _, m := range found {
		switch {
		case m.Seq() == 0:
			t.Held = append(t.Held, m)
		case s.Newer == (m.Seq() > s.At) && m.Seq() != s.At:
			t.Messages = append(t.Messages, m)
		}
		if s.Since != "" && m.Seq() > 0 && m.changedAt() >= s.Since {
			t.Changed = append(t.Changed, m)
		}
	}
	if over := len(t.Messages) - s.Limit; over > 0 {
		t.More = true
		if s.Newer {
			t.Messages = t.Messages[:s.Limit]
		} else {
			t.Messages = t.Messages[over:]
		}
	}
	return t
}

// FindVisible finds a message that member may see, with their participant row; nil if there is none.
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
