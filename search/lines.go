package search

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/messaging"
	"carecollective/search/match"
	"carecollective/vault"
)

// line is a message as a search sees it.
type line struct {
	id, sender, createdAt string
	seq                   int
	disappears            bool
	kept                  bool // some still see an earlier version
	sealed                string
	spot                  Spot
	found                 bool
	signature             match.Signature // of its text, if that was opened and is the same for all
}

// lineColumns are a line's, in two: to read a column takes a third as long as to open a message.
const lineColumns = `id || '|' || sender || '|' || created_at || '|' || (seq * 4 + (expires_at != '') * 2 + (earlier_sealed != '')), content_sealed`

// scanLine reads a row of [lineColumns].
func scanLine(rows *dbx.Rows) (l line, err error) {
	var head string
	if err := rows.Scan(&head, &l.sealed); err != nil {
		return l, err
	}
	for _, to := range []*string{&l.id, &l.sender, &l.createdAt} {
		*to, head, _ = strings.Cut(head, "|")
	}
	number, err := strconv.Atoi(head)
	l.seq, l.disappears, l.kept = number/4, number&2 != 0, number&1 != 0
	return l, err
}

// rule decides what {:viewer} sees of a conversation.
var rule = messaging.Rule{Viewer: "{:viewer}"}

// legible is true of a row of messages whose text {:viewer} may read if they see the message at all.
var legible = `message_type = 'text' AND ` + rule.Legible()

// asked adds the member's filters to the conditions and parameters of a query of messages.
func (s Search) asked(params dbx.Params) (where string) {
	for _, c := range []struct{ name, value, condition string }{
		{"sender", s.Sender, " AND sender = {:sender}"},
		{"from", s.From, " AND created_at >= {:from}"},
		{"to", s.To, " AND created_at < {:to}"},
	} {
		if c.value != "" {
			where += c.condition
			params[c.name] = c.value
		}
	}
	return where
}

// read reads the next part of the column and examines messages that may contain the words; it returns how many there were.
func (c *column) read(ctx context.Context, app core.App, s Search) (int, error) {
	if !c.begun {
		if err := c.begin(ctx, app, s.After); err != nil {
			return 0, err
		}
	}
	above := max(0, c.head.Seq-c.size)
	lines, err := s.lookThrough(ctx, app, c.place, above, c.head.Seq)
	if err != nil {
		return 0, err
	}
	slices.SortFunc(lines, func(a, b *line) int { return b.seq - a.seq })
	for _, l := range lines {
		c.head.At = min(c.head.At, l.createdAt)
		l.spot = Spot{c.head.At, c.head.Column, l.seq}
	}
	c.head.Seq, c.done = above, above == 0
	c.lines, c.size = s.rest(lines), min(2*c.size, lastChunk)
	return len(lines), nil
}

// lookThrough examines the messages between two seqs that may contain the words. They are read upwards, because then SQLite finds the next
// row beside the last.
func (s Search) lookThrough(ctx context.Context, app core.App, place *collections.Participant, above, upTo int) ([]*line, error) {
	signatures := signaturesOf(app)
	left, changed := signatures.unruled(place.Conversation(), place.User(), s.Query, above, upTo)
	if len(left) == 0 {
		return nil, nil
	}
	stretches, err := json.Marshal(left)
	if err != nil {
		return nil, fmt.Errorf("write the stretches to search: %w", err)
	}
	params := messaging.VisibleParams(place)
	params["stretches"] = string(stretches)
	lines, err := s.look(ctx, app, place.User(), place.Conversation(),
		`(SELECT value ->> 0 AS above, value ->> 1 AS up_to FROM json_each({:stretches})) CROSS JOIN messages
		WHERE `+rule.Between("above", "up_to")+" AND "+legible+s.asked(params), params)
	if err == nil {
		signatures.keep(place.Conversation(), place.User(), lines, changed)
	}
	return lines, err
}

// begin finds where the column begins: at its newest message, or where the previous search ended; everything that
// was stored after its spot has been examined.
func (c *column) begin(ctx context.Context, app core.App, after Spot) error {
	c.begun = true
	err := app.DB().NewQuery(`SELECT COALESCE((SELECT seq FROM messages WHERE conversation = {:conversation} AND seq > 0 AND seq <= {:reach}
			AND ({:at} = '' OR created_at <= {:at}) ORDER BY seq DESC LIMIT 1), 0)`).WithContext(ctx).
		Bind(dbx.Params{"conversation": c.place.Conversation(), "reach": c.place.Reach(), "at": after.At}).Row(&c.head.Seq)
	if err != nil {
		return fmt.Errorf("find where to search: %w", err)
	}
	return nil
}

// rest leaves out the lines that an earlier search has examined.
func (s Search) rest(lines []*line) []*line {
	for s.After.At != "" && len(lines) > 0 && !s.After.before(lines[0].spot) {
		lines = lines[1:]
	}
	return lines
}

// held are the viewer's messages that wait for a moderator, each in its own column: they have
// no seq yet.
func (s Search) held(ctx context.Context, app core.App, where string, params dbx.Params) (all columns, err error) {
	var conversations []string
	err = app.DB().NewQuery(`SELECT DISTINCT p.conversation FROM conversation_participants p
		JOIN messages m ON m.conversation = p.conversation AND m.seq = 0 AND +m.sender = {:viewer} WHERE ` + where).
		Bind(params).Column(&conversations)
	if err != nil {
		return nil, fmt.Errorf("find held messages: %w", err)
	}
	viewer, _ := params["viewer"].(string)
	for _, conversation := range conversations {
		params := dbx.Params{"viewer": viewer, "conversation": conversation}
		lines, err := s.look(ctx, app, viewer, conversation,
			"messages WHERE "+rule.Held()+" AND "+legible+s.asked(params), params)
		if err != nil {
			return nil, err
		}
		for _, l := range lines {
			l.spot = Spot{At: l.createdAt, Column: l.id}
			if rest := s.rest([]*line{l}); len(rest) > 0 {
				all = append(all, &column{lines: rest, done: true})
			}
		}
	}
	return all, nil
}

// atOnce is how many lines are examined while the next ones are read.
const atOnce = 256

// look reads messages of a conversation, and decrypts them while it continues to read.
func (s Search) look(ctx context.Context, app core.App, viewer, conversation, from string, params dbx.Params) (lines []*line, err error) {
	rows, err := app.DB().NewQuery("SELECT " + lineColumns + " FROM " + from).Bind(params).WithContext(ctx).Rows()
	if err != nil {
		return nil, fmt.Errorf("read messages to search: %w", err)
	}
	defer func() { _ = rows.Close() }() // all rows were read, or the error says why not
	w := &looking{app: app, query: s.Query, conversation: conversation, viewer: viewer}
	part := make([]line, 0, atOnce)
	for rows.Next() {
		l, err := scanLine(rows)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("read a message to search: %w", err), w.wait())
		}
		if len(part) == atOnce {
			w.start(part)
			part = make([]line, 0, atOnce)
		}
		part = append(part, l)
		lines = append(lines, &part[len(part)-1])
	}
	w.start(part)
	return lines, errors.Join(w.wait(), rows.Err())
}

// looking decrypts lines while more are read.
type looking struct {
	app                  core.App
	query                match.Query
	conversation, viewer string

	all sync.WaitGroup
	mu  sync.Mutex
	err error
}

// start examines some lines in a goroutine.
func (w *looking) start(lines []line) {
	w.all.Go(func() {
		for i := range lines {
			text, err := w.open(&lines[i])
			if err != nil && !collections.Unreadable(err) {
				w.mu.Lock()
				w.err = err
				w.mu.Unlock()
				return
			}
			lines[i].found = err == nil && w.query.In(text)
			if err == nil && !lines[i].kept {
				lines[i].signature = match.Sign(text)
			}
		}
	})
}

func (w *looking) wait() error {
	w.all.Wait()
	return w.err
}

// open decrypts the text of a line, or of the earlier version that the viewer still sees.
func (w *looking) open(l *line) (string, error) {
	if l.kept && l.sender != w.viewer {
		m, err := collections.FindMessage(w.app, l.id)
		if err != nil || m == nil {
			return "", err
		}
		versions, err := m.Earlier(w.app)
		if version, kept := versions[w.viewer]; kept {
			return version.Content, nil
		} else if err != nil && !collections.Unreadable(err) {
			return "", err
		}
	}
	day := ""
	if l.disappears {
		day = l.createdAt[:len(time.DateOnly)]
	}
	binding := vault.Binding{
		Table: collections.Messages, Record: l.id, Field: collections.Content, Conversation: w.conversation, Sender: l.sender, Seq: int64(l.seq),
	}
	return collections.UnsealFirst(w.app, binding, l.sealed, collections.WrittenScope(w.conversation, l.sender, day), collections.ConversationScope(w.conversation))
}

// FindMessages finds messages by their ids, in the order of these; those that are gone are left out.
func FindMessages(app core.App, ids []string) ([]*collections.Message, error) {
	records, err := app.FindRecordsByIds(collections.Messages, ids)
	if err != nil {
		return nil, fmt.Errorf("find messages: %w", err)
	}
	byID := map[string]*core.Record{}
	for _, record := range records {
		byID[record.Id] = record
	}
	var messages []*collections.Message
	for _, id := range ids {
		if record := byID[id]; record != nil {
			messages = append(messages, collections.AsMessage(record))
		}
	}
	return messages, nil
}
