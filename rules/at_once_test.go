package rules_test

import (
	"fmt"
	"sync"
	"testing"

	"carecollective/internal/apptest"
)

// TestWhatHappensAtOnceLosesNothing does at once what touches the same rows, and then counts.
func TestWhatHappensAtOnceLosesNothing(t *testing.T) {
	t.Parallel()
	w, ana, ben, conversation := apptest.Talk(t)
	place := path("conversation_participants") + "/" + w.Place(conversation, ben).Id
	first := ben.Get("/conversations/" + conversation + "/messages").Text("messages.0.id")
	var all sync.WaitGroup
	together := func(do func() apptest.Answer) {
		all.Go(func() {
			if answer := do(); answer.Status >= 300 {
				t.Errorf("answered %d %s", answer.Status, answer.Raw)
			}
		})
	}
	for i := range 30 {
		text := apptest.JSON{"content": fmt.Sprint("Number ", i)}
		together(func() apptest.Answer { return ana.Post("/conversations/"+conversation+"/messages", text) })
		together(func() apptest.Answer { return ben.Patch(place, apptest.JSON{"archived": i%2 == 0}) })
		together(func() apptest.Answer { return ben.Put("/messages/"+first+"/read", nil) })
		together(func() apptest.Answer { return ana.Patch(record+first, text) })
	}
	all.Wait()
	if n := unread(t, ben, conversation); n != 30 {
		t.Errorf("unread: %d, want 30", n)
	}
	inbox := ben.Get("/conversations").Want(t, 200)
	if inbox.Number("conversations.0.last_seq") != 31 || inbox.Number("conversations.0.last_message.seq") != 31 {
		t.Errorf("the inbox: %s", inbox.Raw)
	}
	if seen := ana.Get(record + first); seen.Text("status") != "read" {
		t.Errorf("the first message is %s", seen.Raw)
	}
}
