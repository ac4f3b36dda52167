package rules_test

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"carecollective/collections"
	"carecollective/internal/apptest"
	"carecollective/server"
)

// blocked is Ana, who deals with Ben, who blocks her, and with Cid, who simply does not read; both are alike before.
func blocked(t *testing.T, prepare func(them, ana *apptest.Person) string) pair {
	t.Helper()
	w := collective(t)
	ana, ben, cid := w.Member("Ana"), w.Member("Ben"), w.Member("Cid")
	eyes := pair{t, ana, ben, cid, prepare(ben, ana), prepare(cid, ana)}
	block(t, ben, ana)
	return eyes
}

func talking(t *testing.T) func(them, ana *apptest.Person) string {
	return func(them, ana *apptest.Person) string { return ana.Meets(t, them) }
}

// inbox is what someone's list says of all conversations, and their records and those of the messages.
func inbox(t *testing.T, who *apptest.Person) string {
	t.Helper()
	return who.Get("/conversations").Want(t, 200).Raw +
		who.Get("/collections/conversations/records?sort=id").Want(t, 200).Raw +
		who.Get("/collections/messages/records?sort=conversation,seq").Want(t, 200).Raw +
		who.Get("/collections/notifications/records").Want(t, 200).Raw
}

// collective is a world of its own, so that the test runs beside all others.
func collective(t *testing.T) *apptest.World {
	t.Helper()
	t.Parallel()
	return apptest.New(t, server.Config{})
}

// start asks to write to someone for the first time; more adds to the body, or replaces in it.
func start(from *apptest.Person, to string, more ...apptest.JSON) apptest.Answer {
	body := apptest.JSON{"recipient_id": to, "initial_message": "Hello, may I?"}
	for _, fields := range more {
		maps.Copy(body, fields)
	}
	return from.Post("/conversations", body)
}

// gather asks to begin a group with members.
func gather(from *apptest.Person, members ...string) apptest.Answer {
	return from.Post("/conversations", apptest.JSON{"participant_ids": members, "title": "Food bank", "initial_message": "Who is in?"})
}

// gathered is a group by from in which members have accepted, and the others asked have not answered.
func gathered(t *testing.T, from *apptest.Person, members []*apptest.Person, asked ...*apptest.Person) string {
	t.Helper()
	var ids []string
	for _, member := range append(asked, members...) {
		from.World.Prefers(member, apptest.JSON{"can_receive_from": "anyone"})
		ids = append(ids, member.ID)
	}
	id := gather(from, ids...).Want(t, 201).Text("conversation.id")
	for _, member := range members {
		take(member, id, "accept").Want(t, 200)
	}
	return id
}

// take takes a step (accept, decline, leave or close).
func take(who *apptest.Person, conversation, step string) apptest.Answer {
	return who.Post("/conversations/"+conversation+"/"+step, nil)
}

func write(who *apptest.Person, conversation, content string) apptest.Answer {
	return who.Post("/conversations/"+conversation+"/messages", apptest.JSON{"content": content})
}

func edit(who *apptest.Person, message, content string) apptest.Answer {
	return who.Patch("/collections/messages/records/"+message, apptest.JSON{"content": content})
}

func block(t *testing.T, who, whom *apptest.Person) {
	t.Helper()
	who.Post("/collections/user_blocks/records", apptest.JSON{"blocked": whom.ID}).Want(t, 200)
}

func unblock(t *testing.T, who *apptest.Person) {
	t.Helper()
	standing := who.Get("/collections/user_blocks/records").Want(t, 200)
	if len(standing.List("items")) != 1 {
		t.Fatalf("not one block: %s", standing.Raw)
	}
	who.Delete("/collections/user_blocks/records/"+standing.Text("items.0.id")).Want(t, 204)
}

// needs makes a help request of a member.
func needs(t *testing.T, owner *apptest.Person, more ...apptest.JSON) string {
	t.Helper()
	body := apptest.JSON{"title": "A ride on Friday", "description": "To the clinic"}
	for _, fields := range more {
		maps.Copy(body, fields)
	}
	return owner.Post("/collections/help_requests/records", body).Want(t, 200).Text("id")
}

func about(request string) apptest.JSON { return apptest.JSON{"help_request_id": request} }

// longAgo makes what happened in a table look as if it had happened earlier.
func longAgo(t *testing.T, w *apptest.World, table, column string, by time.Duration) {
	t.Helper()
	earlier, err := types.ParseDateTime(time.Now().Add(-by))
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.App.DB().Update(table, dbx.Params{column: earlier.String()}, dbx.Not(dbx.HashExp{column: ""})).Execute()
	if err != nil {
		t.Fatal(err)
	}
}

const days = 24 * time.Hour

// verified stores a report on a member that ended in action.
func verified(t *testing.T, w *apptest.World, reported, by *apptest.Person, fields apptest.JSON) {
	t.Helper()
	reports, err := w.App.FindCachedCollectionByNameOrId(collections.Reports)
	if err != nil {
		t.Fatal(err)
	}
	record := core.NewRecord(reports)
	record.Load(apptest.JSON{
		"subject_type": "user", "subject": reported.ID, "reported": reported.ID, "reported_by": by.ID,
		"reason": "spam", "status": "action_taken", "reviewed_at": time.Now(),
	})
	record.Load(fields)
	if err := w.App.Save(record); err != nil {
		t.Fatal(err)
	}
}

var (
	anID  = regexp.MustCompile(`"[a-z0-9]{15}"`)
	aTime = regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}Z`)
)

// shape is an answer without what differs by nature: ids are numbered as they come, times are T, and the strings in
// called go by the names given there.
func shape(t *testing.T, answer apptest.Answer, called map[string]string) string {
	t.Helper()
	encoded, err := json.Marshal(rename(map[string]any(answer.Body), called))
	if err != nil {
		t.Fatal(err)
	}
	number := map[string]string{}
	plain := anID.ReplaceAllStringFunc(string(encoded), func(id string) string {
		if number[id] == "" {
			number[id] = strconv.Quote("#" + strconv.Itoa(len(number)+1))
		}
		return number[id]
	})
	return strconv.Itoa(answer.Status) + " " + aTime.ReplaceAllString(plain, "T")
}

// rename renames strings inside decoded JSON, and puts people in an order that does not depend on their random ids.
func rename(value any, called map[string]string) any {
	switch v := value.(type) {
	case map[string]any:
		for name, inner := range v {
			v[name] = rename(inner, called)
		}
	case []any:
		for i, inner := range v {
			v[i] = rename(inner, called)
		}
		slices.SortStableFunc(v, func(a, b any) int { return cmp.Compare(person(a), person(b)) })
	case string:
		if name, ok := called[v]; ok {
			return name
		}
	}
	return value
}

// person is whom an object of a list is about: a participant of an answer, or a row of conversation_participants.
func person(value any) string {
	for _, name := range []string{"user", "id"} {
		if id, _ := apptest.At(value, name).(string); id == "me" || id == "them" {
			return id
		}
	}
	return ""
}

// pair is a member who deals with two others alike, one of whom does something in silence: everything that the member
// then sees and hears of the two must be alike.
type pair struct {
	t               *testing.T
	me              *apptest.Person
	silent, control *apptest.Person
	with, beside    string // the conversations with the silent one, and with the other
}

// alike does the same with both and compares the answers.
func (p pair) alike(what string, do func(them *apptest.Person, conversation string) apptest.Answer) (silent, control apptest.Answer) {
	p.t.Helper()
	silent, control, got, want := p.compare(do)
	if got != want {
		p.t.Errorf("%s tells them apart:\n%s\n%s", what, got, want)
	}
	return silent, control
}

// settlesAlike compares what is read until it is the same: receipts are stored a moment after they come.
func (p pair) settlesAlike(what string, read func(them *apptest.Person, conversation string) apptest.Answer) {
	p.t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for {
		_, _, got, want := p.compare(read)
		if got == want {
			return
		}
		if time.Now().After(deadline) {
			p.t.Errorf("%s tells them apart:\n%s\n%s", what, got, want)
			return
		}
		<-time.After(20 * time.Millisecond)
	}
}

// compare asks the same of both, and puts the answers into one shape.
func (p pair) compare(do func(them *apptest.Person, conversation string) apptest.Answer) (silent, control apptest.Answer, got, want string) {
	p.t.Helper()
	silent, control = do(p.silent, p.with), do(p.control, p.beside)
	of := func(answer apptest.Answer, them *apptest.Person, id string) string {
		name := p.me.World.Row("users", them.ID).GetString("name")
		return shape(p.t, answer, map[string]string{p.me.ID: "me", them.ID: "them", name: "Them", id: "conversation"})
	}
	return silent, control, of(silent, p.silent, p.with), of(control, p.control, p.beside)
}

// everythingIsAlike compares all that the member can read of the two conversations.
func (p pair) everythingIsAlike() {
	p.t.Helper()
	for what, path := range map[string]string{
		"the conversation":               "/conversations/{id}",
		"the thread":                     "/conversations/{id}/messages",
		"the catch-up":                   "/conversations/{id}/messages?direction=newer&changed_since=2026-01-01%2000:00:00.000Z",
		"the record of the conversation": "/collections/conversations/records/{id}?expand=help_request,created_by",
		"the records of the places":      "/collections/conversation_participants/records?sort=user&expand=user,conversation&filter=conversation%3D%22{id}%22",
		"the records of the messages":    "/collections/messages/records?sort=seq&expand=sender,reply_to,conversation,help_request&filter=conversation%3D%22{id}%22",
		"the records of the contacts":    "/collections/contact_exchanges/records?sort=created_at&filter=conversation%3D%22{id}%22",
		"the other's profile":            "/collections/users/records/{them}",
		"the permissions":                "/messaging/permissions?recipient_id={them}",
	} {
		p.settlesAlike(what, func(them *apptest.Person, id string) apptest.Answer {
			return p.me.Get(strings.NewReplacer("{id}", id, "{them}", them.ID).Replace(path)).Want(p.t, 200)
		})
	}
	p.settlesAlike("the list", func(_ *apptest.Person, id string) apptest.Answer {
		list := p.me.Get("/conversations?limit=200").Want(p.t, 200)
		for _, entry := range list.List("conversations") {
			if found, _ := entry.(map[string]any); found["id"] == id {
				return apptest.Answer{Status: 200, Body: found}
			}
		}
		return apptest.Answer{Status: 404}
	})
}

// unblockOf ends the block of one member.
func unblockOf(t *testing.T, who, whom *apptest.Person) {
	t.Helper()
	standing, err := collections.FindBlock(who.World.App, who.ID, whom.ID)
	if err != nil || standing == nil {
		t.Fatalf("find the block: %v, %v", standing, err)
	}
	who.Delete("/collections/user_blocks/records/"+standing.Id).Want(t, 204)
}

const record = "/collections/messages/records/"

const helpRequests = "/collections/help_requests/records"

func escape(s string) string { return url.QueryEscape(s) }
