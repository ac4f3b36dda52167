package messaging_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/search"

	"carecollective/collections"
	"carecollective/internal/apptest"
	"carecollective/internal/store"
	"carecollective/messaging"
	"carecollective/server"
)

// corpus is every combination of what could decide who sees a message: one conversation for each, with one participant, who is the
// viewer, and one message. A block is part of it as what it leaves on a message: private to its sender in a direct conversation,
// withheld from the blocker in a group. Some combinations never occur, but the rule has an answer for them, too.
type corpus struct {
	*apptest.World
	viewer *apptest.Person
	cases  []map[string]string // the column of each aspect and its value; "id" is that of the conversation, participant and message
	forms  []messaging.Form    // of the cases, in Go
	places map[string]*collections.Participant
	sent   map[string]*collections.Message
}

// aspect is one thing that may differ between two cases.
type aspect struct {
	name   string
	values []string
}

func aspects(viewer, other string) []aspect {
	then := store.Stamp(time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC))
	return []aspect{
		{"role", []string{collections.RoleMember, collections.RoleModerator}},
		{"consent", []string{collections.ConsentAccepted, collections.ConsentPending, collections.ConsentDeclined}},
		{"left_at", []string{"", then}},
		{"concealed", []string{"0", "1"}},
		{"seq", []string{"0", "1", "2"}},
		{"sender", []string{viewer, other, ""}},
		{"private_to", []string{"", viewer, other}},
		{"moderation_status", []string{"", collections.ModerationPending, collections.ModerationHidden, collections.ModerationRemoved}},
		{"withheld_from", []string{"null", `["` + viewer + `"]`, `["` + other + `"]`}},
		{"deleted_at", []string{"", then}},
	}
}

// newCorpus writes the rows directly, and asks FormFor about each of them.
func newCorpus(t *testing.T) *corpus {
	t.Helper()
	w := apptest.New(t, server.Config{})
	c := &corpus{World: w, viewer: w.Member("Vera"), cases: []map[string]string{{}}}
	for _, a := range aspects(c.viewer.ID, w.Member("Omar").ID) {
		var longer []map[string]string
		for _, known := range c.cases {
			for _, value := range a.values {
				one := maps.Clone(known)
				one[a.name] = value
				longer = append(longer, one)
			}
		}
		c.cases = longer
	}
	for i, one := range c.cases {
		one["id"] = fmt.Sprintf("case%011d", i)
	}
	c.write(t)
	c.places, c.sent = rows(t, c.App, collections.Participants, collections.AsParticipant), rows(t, c.App, collections.Messages, collections.AsMessage)
	for _, one := range c.cases {
		c.forms = append(c.forms, messaging.FormFor(c.places[one["id"]], c.sent[one["id"]]))
	}
	return c
}

func (c *corpus) write(t *testing.T) {
	t.Helper()
	all, err := json.Marshal(c.cases)
	if err != nil {
		t.Fatal(err)
	}
	for _, insert := range []string{
		`INSERT INTO conversations (id, kind, status) SELECT value ->> 'id', 'group', 'active' FROM json_each({:all})`,
		`INSERT INTO conversation_participants (id, conversation, user, role, consent, left_at, concealed, unread)
			SELECT value ->> 'id', value ->> 'id', {:viewer}, value ->> 'role', value ->> 'consent', value ->> 'left_at', value ->> 'concealed' = '1', 0 FROM json_each({:all})`,
		`INSERT INTO messages (id, conversation, message_type, seq, sender, private_to, moderation_status, withheld_from, deleted_at)
			SELECT value ->> 'id', value ->> 'id', 'text', CAST(value ->> 'seq' AS INTEGER), value ->> 'sender', value ->> 'private_to',
			value ->> 'moderation_status', value ->> 'withheld_from', value ->> 'deleted_at' FROM json_each({:all})`,
	} {
		if _, err := c.App.DB().NewQuery(insert).Bind(dbx.Params{"all": string(all), "viewer": c.viewer.ID}).Execute(); err != nil {
			t.Fatal(err)
		}
	}
}

// rows returns a whole collection by id.
func rows[T any](t *testing.T, app core.App, collection string, as func(*core.Record) T) map[string]T {
	t.Helper()
	var records []*core.Record
	if err := app.RecordQuery(collection).All(&records); err != nil {
		t.Fatal(err)
	}
	all := map[string]T{}
	for _, record := range records {
		all[record.Id] = as(record)
	}
	return all
}

// TestWhoSeesAMessageIsOneRule compares the rule in Go with the rule in SQL, for every case, and with the list rule of PocketBase.
func TestWhoSeesAMessageIsOneRule(t *testing.T) {
	t.Parallel()
	c := newCorpus(t)
	t.Run("each aspect but the role matters", c.matters)
	t.Run("SQL", c.inSQL)
	t.Run("list rule", c.inPocketBase)
	t.Run("callers", c.inCallers)
}

// matters checks that each aspect but the role decides the form of some message that is otherwise the same.
func (c *corpus) matters(t *testing.T) {
	count := map[messaging.Form]int{}
	for _, form := range c.forms {
		count[form]++
	}
	t.Logf("%d cases: %d unseen, %d tombstones, %d whole", len(c.cases), count[messaging.Unseen], count[messaging.Tombstone], count[messaging.Whole])
	if count[messaging.Unseen] == 0 || count[messaging.Tombstone] == 0 || count[messaging.Whole] == 0 {
		t.Errorf("some form does not occur: %v", count)
	}
	step := len(c.cases)
	for _, a := range aspects("", "") {
		step /= len(a.values)
		if changes := c.changedBy(step, len(a.values)); (changes > 0) == (a.name == "role") {
			t.Errorf("%s changes the form of %d messages", a.name, changes)
		}
	}
}

// changedBy counts the neighbors that differ in one aspect only, and in their form: an aspect has so many values, and the next value
// is a step away.
func (c *corpus) changedBy(step, values int) (n int) {
	for i := range c.cases {
		if i/step%values > 0 && c.forms[i] != c.forms[i-step] {
			n++
		}
	}
	return n
}

func (c *corpus) inSQL(t *testing.T) {
	for name, rule := range map[string]messaging.Rule{
		"the participant row's": {Participant: "p", Message: "m"},
		"a parameter":           {Participant: "p", Message: "m", Viewer: "{:viewer}"},
	} {
		var found []messaging.Form
		err := c.App.DB().NewQuery(`SELECT CASE WHEN NOT (` + rule.Sees() + ` AND ` + rule.Seen() + `) THEN 0 WHEN ` + rule.Legible() + ` THEN 2 ELSE 1 END
			FROM conversation_participants p JOIN messages m ON m.conversation = p.conversation ORDER BY m.id`).Bind(dbx.Params{"viewer": c.viewer.ID}).Column(&found)
		if err != nil {
			t.Fatal(err)
		}
		if len(found) != len(c.cases) {
			t.Fatalf("%d cases, want %d", len(found), len(c.cases))
		}
		for i, form := range found {
			if form != c.forms[i] {
				t.Errorf("viewer from %s: %v is form %d in SQL and %d in Go", name, c.cases[i], form, c.forms[i])
			}
		}
	}
}

// occurs reports whether a message can be like that: held messages, and only they, have no seq, are private to their sender, and
// their sender has accepted.
func occurs(one map[string]string) bool {
	return one["seq"] != "0" || (one["sender"] != "" && one["private_to"] == one["sender"] && one["consent"] != collections.ConsentPending)
}

// inPocketBase compares with the list rule, which is in the migrations.
func (c *corpus) inPocketBase(t *testing.T) {
	collection, err := c.App.FindCachedCollectionByNameOrId(collections.Messages)
	if err != nil {
		t.Fatal(err)
	}
	resolver := core.NewRecordFieldResolver(c.App, collection, &core.RequestInfo{Auth: c.Row(collections.Users, c.viewer.ID)}, true)
	filter, err := search.FilterData(*collection.ListRule).BuildExpr(resolver)
	if err != nil {
		t.Fatal(err)
	}
	query := c.App.RecordQuery(collection).Select("messages.id").AndWhere(filter)
	if err := resolver.UpdateQuery(query); err != nil {
		t.Fatal(err)
	}
	var listed []string
	if err := query.Column(&listed); err != nil {
		t.Fatal(err)
	}
	slices.Sort(listed)
	for i, one := range c.cases {
		_, found := slices.BinarySearch(listed, one["id"])
		if seen := c.forms[i] != messaging.Unseen; occurs(one) && found != seen {
			t.Errorf("%v: listed %t, seen %t", one, found, seen)
		}
	}
}

// inCallers asks those who use the rule about a part of the cases, in which every value of every aspect meets the others: the numbers
// of values have no common divisor with it.
func (c *corpus) inCallers(t *testing.T) {
	for i, one := range c.cases {
		id, form := one["id"], c.forms[i]
		m, p := c.sent[id], c.places[id]
		if part := 7; i%part != 0 || (!p.Sees() && i%(part*part) != 0) {
			continue
		}
		found, _, err := messaging.FindVisible(c.App, id, c.viewer.ID)
		if err != nil {
			t.Fatal(err)
		}
		if (found != nil) != (form != messaging.Unseen) {
			t.Errorf("%v: FindVisible finds it: %t, form %d", one, found != nil, form)
		}
		if !p.Sees() {
			continue // the others are not asked then
		}
		timeline, err := messaging.FindTimeline(c.App, p, messaging.Stretch{Newer: true, Limit: 5})
		if err != nil {
			t.Fatal(err)
		}
		if n := len(timeline.Messages) + len(timeline.Held); (n == 1) != (form != messaging.Unseen) {
			t.Errorf("%v: FindTimeline finds %d, form %d", one, n, form)
		}
		c.counts(t, one, form, p, m)
	}
}

// counts compares the ways to count unread messages: those of others that the viewer may read.
func (c *corpus) counts(t *testing.T, one map[string]string, form messaging.Form, p *collections.Participant, m *collections.Message) {
	t.Helper()
	if m.Seq() == 0 {
		return // it does not count
	}
	want := 0
	if form == messaging.Whole && m.Sender() != c.viewer.ID {
		want = 1
	}
	if err := messaging.Recount(c.App, p); err != nil {
		t.Fatal(err)
	}
	if p.Unread() != want {
		t.Errorf("%v: Recount counts %d, want %d", one, p.Unread(), want)
	}
	if err := messaging.CountMessage(c.App, m); err != nil {
		t.Fatal(err)
	}
	if counted := c.Row(collections.Participants, p.Id).GetInt("unread"); counted != want {
		t.Errorf("%v: CountMessage counts %d, want %d", one, counted, want)
	}
	c.Change(collections.Participants, p.Id, apptest.JSON{"unread": 7})
	if err := messaging.RecountAll(c.App, m.Conversation()); err != nil {
		t.Fatal(err)
	}
	if counted := c.Row(collections.Participants, p.Id).GetInt("unread"); counted != want {
		t.Errorf("%v: RecountAll counts %d, want %d", one, counted, want)
	}
}
