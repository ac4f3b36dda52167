package rules_test

import (
	"testing"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/internal/apptest"
	"carecollective/server"
)

func TestABatchMeetsTheSameGates(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{Unlock: []string{server.DoorBatch}})
	w.App.Settings().Batch = core.BatchConfig{Enabled: true, MaxRequests: 50, Timeout: 60} // as a restart would
	ana, ben := w.Member("Ana"), w.Member("Ben")
	conversation := ana.Meets(t, ben)
	first := ana.Get("/conversations/" + conversation + "/messages").Text("messages.0.id")
	create := func(content string) apptest.JSON {
		return apptest.JSON{"method": "POST", "url": "/api/collections/messages/records", "body": apptest.JSON{"conversation": conversation, "content": content, "sender": ben.ID}}
	}
	batch := func(requests ...apptest.JSON) apptest.Answer {
		return ana.Post("/batch", apptest.JSON{"requests": requests})
	}
	edit := apptest.JSON{"method": "PATCH", "url": "/api" + record + first, "body": apptest.JSON{"content": "Edited", "seq": 9}}
	batch(create("Two"), create("Three"), edit).Want(t, 200)
	page := ben.Get("/conversations/"+conversation+"/messages").Want(t, 200)
	for i, want := range []string{"Edited", "Two", "Three"} {
		m := page.List("messages")[i]
		if apptest.At(m, "content") != want || apptest.At(m, "sender") != ana.ID || apptest.At(m, "seq") != float64(i+1) {
			t.Errorf("at %d stands %v", i, m)
		}
	}
	batch(create("Four"), create(" ")).Want(t, 400)
	w.Settings(apptest.JSON{"window_message_limit": 5})
	if refused := batch(create("Four"), create("Five"), create("Six")); refused.Status < 400 {
		t.Errorf("beyond the window: answered %d", refused.Status)
	}
	w.Settings(apptest.JSON{"window_message_limit": 50})
	batch(create("Four"), apptest.JSON{"method": "DELETE", "url": "/api" + record + first}).Want(t, 200)
	page = ben.Get("/conversations/"+conversation+"/messages").Want(t, 200)
	if n := apptest.Seqs(page.List("messages")); len(n) != 4 || n[3] != 4 || page.Text("messages.0.content") != "" {
		t.Errorf("in the end: %s", page.Raw)
	}
	if n := unread(t, ben, conversation); n != 3 {
		t.Errorf("unread: %d", n)
	}
}
