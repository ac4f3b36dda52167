package collections

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// InboxFilter narrows a member's list of conversations. Empty fields do not.
type InboxFilter struct {
	ID       string // one conversation alone
	Consent  string // of the member's own place
	Status   string // as the member sees it: active, closed or blocked
	Archived *bool
	Limit    int
	Offset   int
}

// Entry is one conversation in a member's list, with what is shown of it there.
type Entry struct {
	Own          *Participant
	Conversation *Conversation
	Last         *Message     // the newest that the member may see; nil for none
	HelpRequest  *HelpRequest // nil when there is none, or none that the member may see
	Blocking     bool         // the member has blocked the other one
	People       []Person
}

// Person is a participant as the list shows them.
type Person struct {
	Member *Member
	Place  *Participant
	Block  *Block // of the viewer by this person; nil for none
}

// Other is the other one of a direct conversation, nil when gone or in a group.
func (e *Entry) Other() *Person {
	for i, p := range e.People {
		if e.Conversation.Direct() && p.Place.User() != e.Own.User() {
			return &e.People[i]
		}
	}
	return nil
}

// Freeze shows the state of the member's own message as it was when they blocked the other one.
func (e *Entry) Freeze(m *Message) {
	if other := e.Other(); e.Blocking && other != nil && m.Sender() == e.Own.User() {
		m.FreezeFor(other.Place)
	}
}

const (
	blocking = `EXISTS (SELECT 1 FROM user_blocks b WHERE c.kind = 'direct' AND b.blocker = {:viewer}
		AND b.blocked = CASE WHEN substr(c.pair, 1, 15) = {:viewer} THEN substr(c.pair, 17) ELSE substr(c.pair, 1, 15) END)`
	sees = `p.user = {:viewer} AND p.left_at = '' AND p.concealed = FALSE AND p.consent != 'declined'`
)

// FindInbox finds a page of what the viewer takes part in, the newest first, by two queries whatever the page holds.
func FindInbox(app core.App, viewer string, filter InboxFilter) ([]*Entry, error) {
	columns, schema, err := joined(app, map[string]string{"p": Participants, "c": Conversations, "m": Messages, "h": HelpRequests})
	if err != nil {
		return nil, err
	}
	where, params := filter.where(viewer)
	params["limit"], params["offset"] = filter.Limit, filter.Offset
	var rows []dbx.NullStringMap
	err = app.DB().NewQuery(`SELECT ` + columns + `, ` + blocking + ` AS blocking
		FROM conversation_participants p
		JOIN conversations c ON c.id = p.conversation
		LEFT JOIN messages m ON m.conversation = c.id AND m.seq = p.latest_seq AND m.seq > 0
		LEFT JOIN help_requests h ON h.id = c.help_request AND ` + seen + `
		WHERE ` + where + ` ORDER BY p.latest_at DESC, p.conversation LIMIT {:limit} OFFSET {:offset}`).
		Bind(params).All(&rows)
	if err != nil {
		return nil, fmt.Errorf("list conversations: %w", err)
	}
	entries := make([]*Entry, len(rows))
	for i, row := range rows {
		entries[i] = &Entry{
			Own:          AsParticipant(schema.record("p", row)),
			Conversation: AsConversation(schema.record("c", row)),
			Blocking:     row["blocking"].String == "1",
		}
		if last := schema.record("m", row); last != nil {
			entries[i].Last = AsMessage(last)
		}
		if request := schema.record("h", row); request != nil {
			entries[i].HelpRequest = AsHelpRequest(request)
		}
	}
	return entries, addPeople(app, viewer, entries)
}

// CountInbox counts what [FindInbox] would find without a limit.
func CountInbox(app core.App, viewer string, filter InboxFilter) (int, error) {
	where, params := filter.where(viewer)
	return count(app, `SELECT COUNT(*) FROM conversation_participants p JOIN conversations c ON c.id = p.conversation WHERE `+where, params)
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
	conditions := []string{sees}
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
	case StatusBlocked:
		conditions = append(conditions, blocking)
	default:
		conditions = append(conditions, "c.status = {:status}", "NOT "+blocking)
		params["status"] = f.Status
	}
	return strings.Join(conditions, " AND "), params
}

// addPeople adds those who are in the conversations; in a direct one the other also when they have left.
func addPeople(app core.App, viewer string, entries []*Entry) error {
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
	columns, schema, err := joined(app, map[string]string{"p": Participants, "u": Users, "b": Blocks})
	if err != nil {
		return err
	}
	var rows []dbx.NullStringMap
	err = app.DB().NewQuery(`SELECT ` + columns + `
		FROM conversation_participants p
		JOIN conversations c ON c.id = p.conversation
		JOIN users u ON u.id = p.user
		LEFT JOIN user_blocks b ON b.blocker = p.user AND b.blocked = {:viewer}
		WHERE p.conversation IN (SELECT value FROM json_each({:ids})) AND (p.left_at = '' OR c.kind = 'direct')
		ORDER BY p.conversation, p.joined_at, p.id`).Bind(dbx.Params{"viewer": viewer, "ids": string(in)}).All(&rows)
	if err != nil {
		return fmt.Errorf("list participants: %w", err)
	}
	for _, row := range rows {
		person := Person{Member: AsMember(schema.record("u", row)), Place: AsParticipant(schema.record("p", row))}
		if block := schema.record("b", row); block != nil {
			person.Block = AsBlock(block)
		}
		e := byID[person.Place.Conversation()]
		e.People = append(e.People, person)
	}
	return nil
}

// tables reads records of several collections out of the rows of one query, by the alias each has in it.
type tables map[string]*core.Collection

// joined lists the columns of the collections by alias, as alias__field, for the SELECT of a query that joins them: in the
// same order each time, so that the query is planned once. Names of ours need no quotes, which take time to be found.
func joined(app core.App, aliases map[string]string) (string, tables, error) {
	schema := tables{}
	var columns []string
	for _, alias := range slices.Sorted(maps.Keys(aliases)) {
		collection, err := app.FindCachedCollectionByNameOrId(aliases[alias])
		if err != nil {
			return "", nil, err
		}
		schema[alias] = collection
		for _, field := range collection.Fields {
			if field.ColumnType(app) != "" {
				name := field.GetName()
				columns = append(columns, alias+"."+name+" AS "+alias+"__"+name)
			}
		}
	}
	return strings.Join(columns, ", "), schema, nil
}

// record is the alias's record in a row; nil when the join found none.
func (t tables) record(alias string, row dbx.NullStringMap) *core.Record {
	if !row[alias+"__id"].Valid {
		return nil
	}
	record := core.NewRecord(t[alias])
	for _, field := range t[alias].Fields {
		stored := row[alias+"__"+field.GetName()]
		value, err := field.PrepareValue(record, stored.String)
		if err != nil || !stored.Valid {
			continue
		}
		record.SetRaw(field.GetName(), value)
	}
	record.MarkAsNotNew()
	return record
}
