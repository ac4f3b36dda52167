package messaging

import (
	"fmt"
	"math"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/internal/store"
)

// Stretch is a range of messages in a conversation.
type Stretch struct {
	Newer bool   // upwards from At; else downwards
	At    int    // the seq beyond which it goes; 0 is the end to begin at
	Limit int    // how many
	Since string // also those changed since this time, as PocketBase stores it; "" for none
}

// Timeline is the result of [FindTimeline].
type Timeline struct {
	Messages []*collections.Message // in ascending seq
	More     bool                   // there are more beyond them
	Held     []*collections.Message // the participant's held messages
	Changed  []*collections.Message // edited, hidden, deleted or approved since the time that was asked for
}

// FindTimeline finds what a participant sees of a stretch, with one query.
func FindTimeline(app core.App, p *collections.Participant, s Stretch) (*Timeline, error) {
	params := VisibleParams(p)
	stretch, order := byViewer.Between("0", "{:upTo}"), "seq DESC"
	if s.Newer {
		stretch, order = byViewer.Between("{:at}", "{:reach}"), "seq"
	} else if s.At == 0 {
		s.At = math.MaxInt32
	}
	params["at"], params["upTo"], params["limit"], params["since"] = s.At, min(p.Reach(), s.At-1), s.Limit+1, s.Since
	columns, n, schema, err := store.Joined(app, map[string]string{"m": collections.Messages})
	if err != nil {
		return nil, err
	}
	where := `m.rowid IN (
		SELECT rowid FROM (SELECT rowid FROM messages WHERE ` + stretch + ` ORDER BY ` + order + ` LIMIT {:limit} ` + store.Unplanned + `)
		UNION ALL SELECT rowid FROM messages WHERE ` + byViewer.Held()
	if s.Since != "" {
		where += ` UNION ALL SELECT rowid FROM messages WHERE ` + byViewer.Between("0", "{:reach}") + ` AND changed_at != '' AND changed_at >= {:since}`
	}
	var found []*collections.Message
	err = store.EachRow(store.Query(app, `SELECT `+columns+` FROM messages m WHERE `+where+`)
		ORDER BY m.seq, m.created_at, m.id`, params), n, func(row []any) error {
		record, err := schema.Record("m", row)
		found = append(found, collections.AsMessage(record))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list messages: %w", err)
	}
	return s.sort(found), nil
}

// sort separates the rows of the query. Changed messages may be inside the stretch or beyond it.
func (s Stretch) sort(found []*collections.Message) *Timeline {
	t := &Timeline{Messages: []*collections.Message{}, Held: []*collections.Message{}, Changed: []*collections.Message{}}
	for _, m := range found {
		switch {
		case m.Seq() == 0:
			t.Held = append(t.Held, m)
		case s.Newer == (m.Seq() > s.At) && m.Seq() != s.At:
			t.Messages = append(t.Messages, m)
		}
		if s.Since != "" && m.Seq() > 0 && m.ChangedAt() >= s.Since {
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
