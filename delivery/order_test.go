package delivery_test

import (
	"fmt"
	"testing"

	"carecollective/internal/apptest"
)

func TestParallelWritersAreHeardInTheSameOrderByAll(t *testing.T) {
	t.Parallel()
	const writers, each = 50, 4
	w := world(t)
	creator := w.Member("Creator")
	members := []*apptest.Person{creator}
	for i := range writers - 1 {
		members = append(members, w.Member(fmt.Sprint("Member", i)))
	}
	id := group(t, creator, members[1:]...)
	first := creator.Get("/conversations/"+id).Want(t, 200).Number("conversation.last_seq")
	var streams []*apptest.Stream
	for _, member := range members[:3] {
		streams = append(streams, member.Listen("messages/*"), member.Listen("messages/*", "resync"))
	}
	parallel(writers, func(i int) {
		for n := range each {
			members[i].Post("/conversations/"+id+"/messages", apptest.JSON{"content": fmt.Sprint(i, " says ", n)})
		}
	})
	for i, s := range streams {
		for seq := first + 1; seq <= first+writers*each; {
			e := s.Want("messages/*")
			if e.Text("action") != "create" {
				continue
			}
			got, _ := apptest.At(map[string]any(e.Data), "record.seq").(float64)
			if int(got) <= first {
				continue // the group was still being announced
			}
			if int(got) != seq {
				t.Fatalf("stream %d hears %v after %d", i, got, seq-1)
			}
			seq++
		}
	}
}

func TestEachDeviceOfAMemberHearsEverything(t *testing.T) {
	t.Parallel()
	w := world(t)
	ana, ben := w.Member("Ana"), w.Member("Ben")
	id := ana.Meets(t, ben)
	phone, laptop, own := ben.Listen("messages/*"), ben.Listen("messages/*"), ana.Listen("messages/*")
	ana.Says(t, id, "hello")
	for _, s := range []*apptest.Stream{phone, laptop, own} {
		if e := s.Want("messages/*"); e.Text("record.content") != "hello" {
			t.Errorf("a device hears %s", e.Raw)
		}
	}
}

func TestARecordAndItsWholeCollectionAreHeardOnOneStream(t *testing.T) {
	t.Parallel()
	w := world(t)
	ana, ben := w.Member("Ana"), w.Member("Ben")
	id := ana.Meets(t, ben)
	message := ana.Says(t, id, "hello")
	his := ben.Listen("messages/*", "messages/"+message)
	ana.Patch("/collections/messages/records/"+message, apptest.JSON{"content": "hello again"}).Want(t, 200)
	heard := map[string]bool{}
	for range 2 {
		e, _ := his.Next()
		if e.Text("record.content") != "hello again" || e.Text("action") != "update" {
			t.Fatalf("heard %s", e.Raw)
		}
		heard[e.Name] = true
	}
	if !heard["messages/*"] || !heard["messages/"+message] {
		t.Errorf("heard on %v", heard)
	}
	only := ben.Listen("messages/" + message)
	ana.Says(t, id, "another")
	ana.Delete("/collections/messages/records/"+message).Want(t, 204)
	if e := only.Want("messages/" + message); e.Text("record.deleted_at") == "" || e.Text("action") != "update" {
		t.Errorf("of the one record is heard %s", e.Raw)
	}
}

func TestOptionsAreHonouredOnAllCollections(t *testing.T) {
	t.Parallel()
	w := world(t)
	ana, ben := w.Member("Ana"), w.Member("Ben")
	id := ana.Meets(t, ben)
	before := listens(t, ben)
	topic := func(collection, expand, fields, filter string) string {
		return fmt.Sprintf(`%s/*?options={"query":{"expand":%q,"fields":%q,"filter":%q}}`, collection, expand, fields, filter)
	}
	for name, c := range map[string]struct{ topic, heard string }{
		"messages": {
			topic("messages", "sender,conversation", "content,expand.sender.name,expand.conversation.kind", "sender='"+ana.ID+"'"),
			`{"action":"create","record":{"content":"hello","expand":{"conversation":{"kind":"direct"},"sender":{"name":"Ana"}}}}`,
		},
		"conversations": {
			topic("conversations", "created_by", "status,expand.created_by.name", "kind='direct'"),
			`{"action":"update","record":{"expand":{"created_by":{"name":"Ana"}},"status":"active"}}`,
		},
		"conversation_participants": {
			topic("conversation_participants", "user", "unread_count,expand.user.name", "user='"+ben.ID+"'"),
			`{"action":"update","record":{"expand":{"user":{"name":"Ben"}},"unread_count":2}}`,
		},
	} {
		before.heard()
		his := ben.Listen(c.topic, topic(name, "", "", "id='nothing'"))
		message := ana.Says(t, id, "hello")
		if e := his.Want(c.topic); e.Raw != c.heard {
			t.Errorf("%s: heard %s, want %s", name, e.Raw, c.heard)
		}
		ben.Put("/messages/"+message+"/read", nil).Want(t, 200)
		ana.Says(t, id, "to be unread")
		his.Close()
	}
}
