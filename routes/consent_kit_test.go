package routes_test

import (
	"cmp"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"carecollective/collections"
	"carecollective/internal/apptest"
	"carecollective/server"
)

// collective is a world of its own, so that the test runs beside all others.
func collective(t *testing.T) *apptest.World {
	t.Helper()
	t.Parallel()
	return apptest.New(t, server.Config{})
}

// start asks to write to somebody for the first time; more adds to the body, or replaces in it.
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

// requested is the conversation in which from has asked to and waits.
func requested(t *testing.T, from, to *apptest.Person) string {
	t.Helper()
	from.World.Prefers(to, apptest.JSON{"can_receive_from": "anyone"})
	started := start(from, to.ID).Want(t, 201)
	if started.Text("consent") != "pending" {
		t.Fatalf("the request is not pending: %s", started.Raw)
	}
	return started.Text("conversation.id")
}

// acquainted is a conversation that from has asked for and to has accepted.
func acquainted(t *testing.T, from, to *apptest.Person) string {
	t.Helper()
	id := requested(t, from, to)
	take(to, id, "accept").Want(t, 200)
	return id
}

// gathered is a group by from in which all the members have accepted.
func gathered(t *testing.T, from *apptest.Person, members ...*apptest.Person) string {
	t.Helper()
	var ids []string
	for _, member := range members {
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

// age makes what happened in a table look as if it had happened earlier.
func age(t *testing.T, w *apptest.World, table, column string, by time.Duration) {
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
	anID   = regexp.MustCompile(`"[a-z0-9]{15}"`)
	aTime  = regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}Z`)
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
