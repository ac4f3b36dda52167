package messaging

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/internal/store"
)

// InboxFilter narrows a member's list of conversations. Empty fields have no effect.
type InboxFilter struct {
	ID       string // only this conversation
	Consent  string // of the member's own participant row
	Status   string // as the member sees it: active, closed or blocked
	Archived *bool
	Limit    int
	Offset   int
}

// Entry is one conversation in a member's list, with everything that the list shows.
type Entry struct {
	Own          *collections.Participant
	Conversation *collections.Conversation
	Last         *collections.Message     // the newest message that the member may see; nil for none
	HelpRequest  *collections.HelpRequest // nil when there is none, or none that the member may see
	Blocking     bool                     // the member has blocked the other one
	People       []Person
}

// Person is a participant as the list shows them.
type Person struct {
	ID        string // of the member
	Name      string
	Avatar    string
	Location  string
	Role      string // in the conversation
	Consent   string
	Watermark collections.Watermark // as far as the others may know it
}

// Other returns the other member of a direct conversation; nil if they are gone, or in a group.
func (e *Entry) Other() *Person {
	for i, p := range e.People {
		if e.Conversation.Direct() && p.ID != e.Own.User() {
			return &e.People[i]
		}
	}
	return nil
}

// Freeze is [FreezeStatus] for a message of the conversation, from what the entry already knows.
func (e *Entry) Freeze(m *collections.Message) {
	if other := e.Other(); e.Blocking && other != nil && showsReading(e.Own.User(), m) {
		freeze(m, other.Watermark)
	}
}

// FindInbox finds a page of the viewer's conversations, the newest first, with two queries for any page size.
func FindInbox(app core.App, viewer string, filter InboxFilter) ([]*Entry, error) {
	columns, n, schema, err := store.Joined(app, map[string]string{"p": collections.Participants, "c": collections.Conversations, "m": collections.Messages, "h": collections.HelpRequests})
	if err != nil {
		return nil, err
	}
	where, params := filter.where(viewer)
	params["limit"], params["offset"] = filter.Limit, filter.Offset
	entries := []*Entry{}
	err = store.EachRow(store.Query(app, `SELECT `+columns+`, `+blocking+`
		FROM conversation_participants p
		JOIN conversations c ON c.id = p.conversation
		LEFT JOIN messages m ON m.conversation = c.id AND m.seq = p.latest_seq AND m.seq > 0
		LEFT JOIN help_requests h ON h.id = c.help_request AND `+collections.Seen+`
		WHERE `+where+` ORDER BY p.latest_at DESC, p.conversation LIMIT {:limit} `+store.Unplanned+` OFFSET {:offset}`,
		params), n+1, func(row []any) error {
		entry, err := entry(schema, row)
		entries = append(entries, entry)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list conversations: %w", err)
	}
	return entries, addPeople(app, entries)
}

// entry reads a row of [FindInbox], whose last column indicates a block.
func entry(t store.Tables, row []any) (*Entry, error) {
	records := map[string]*core.Record{}
	for alias := range t {
		record, err := t.Record(alias, row)
		if err != nil {
			return nil, err
		}
		records[alias] = record
	}
	e := &Entry{
		Own:          collections.AsParticipant(records["p"]),
		Conversation: collections.AsConversation(records["c"]),
		Blocking:     store.IsTrue(row[len(row)-1]),
	}
	if last := records["m"]; last != nil {
		e.Last = collections.AsMessage(last)
	}
	if request := records["h"]; request != nil {
		e.HelpRequest = collections.AsHelpRequest(request)
	}
	return e, nil
}

// CountInbox counts what [FindInbox] would find without a limit.
func CountInbox(app core.App, viewer string, f InboxFilter) (int, error) {
	where, params := f.where(viewer)
	from := "conversation_participants p"
	if f.Status != "" {
		from += " JOIN conversations c ON c.id = p.conversation"
	}
	return store.Count(app, "SELECT COUNT(*) FROM "+from+" WHERE "+where, params)
}

// FindEntry finds one conversation as the viewer's list shows it; nil when the viewer does not see it.
func FindEntry(app core.App, viewer, conversation string) (*Entry, error) {
	entries, err := FindInbox(app, viewer, InboxFilter{ID: conversation, Limit: 1})
	if err != nil || len(entries) == 0 {
		return nil, err
	}
	return entries[0], nil
}

func (f InboxFilter) where(viewer string) (string, dbx.Params) {
	conditions := []string{Sees}
	params := dbx.Params{"viewer": viewer}
	if f.ID != "" {
		conditions = append(conditions, "p.conversation = {:id}")
		params["id"] = f.ID
	}
	if f.Consent != "" {
		conditions = append(conditions, "p.consent = {:consent}")
		params["consent"] = f.Consent
	}
	if f.Archived != nil {
		conditions = append(conditions, "p.archived = {:archived}")
		params["archived"] = *f.Archived
	}
	switch f.Status {
	case "":
	case collections.StatusBlocked:
		conditions = append(conditions, blocking)
	default:
		conditions = append(conditions, "c.status = {:status}", "NOT "+blocking)
		params["status"] = f.Status
	}
	return strings.Join(conditions, " AND "), params
}

// addPeople adds the participants of the conversations; in a direct one also the other member after they have left.
func addPeople(app core.App, entries []*Entry) error {
	if len(entries) == 0 {
		return nil
	}
	ids := make([]string, len(entries))
	byID := map[string]*Entry{}
	for i, e := range entries {
		ids[i] = e.Conversation.Id
		byID[e.Conversation.Id] = e
	}
	in, err := json.Marshal(ids)
	if err != nil {
		return err
	}
	rows, err := store.Query(app, `SELECT p.conversation, u.id, u.name, u.avatar, u.location, p.role, p.consent, p.shared_read_seq, p.shared_delivered_seq
		FROM conversation_participants p
		JOIN conversations c ON c.id = p.conversation
		JOIN users u ON u.id = p.user
		WHERE p.conversation IN (SELECT value FROM json_each({:ids})) AND (p.left_at = '' OR c.kind = 'direct')
		ORDER BY p.conversation, p.joined_at, p.id`, dbx.Params{"ids": string(in)}).Rows()
	if err != nil {
		return fmt.Errorf("list participants: %w", err)
	}
	defer func() { _ = rows.Close() }() // all rows were read, or the error says why not
	for rows.Next() {
		var conversation string
		var p Person
		err := rows.Scan(&conversation, &p.ID, &p.Name, &p.Avatar, &p.Location, &p.Role, &p.Consent, &p.Watermark.Read, &p.Watermark.Delivered)
		if err != nil {
			return fmt.Errorf("read a participant: %w", err)
		}
		e := byID[conversation]
		e.People = append(e.People, p)
	}
	return rows.Err()
}
