package rules_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"carecollective/internal/apptest"
)

// count is how many rows a table has.
func count(t *testing.T, w *apptest.World, table string) int {
	t.Helper()
	var n int
	if err := w.App.DB().Select("COUNT(*)").From(table).Row(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// atOnce does the same n times in parallel, and counts the answers by status.
func atOnce(n int, do func(i int) apptest.Answer) (map[int]int, []apptest.Answer) {
	answers := make([]apptest.Answer, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { answers[i] = do(i) })
	}
	all.Wait()
	statuses := map[int]int{}
	for _, answer := range answers {
		statuses[answer.Status]++
	}
	return statuses, answers
}

func withID(id string) apptest.JSON { return apptest.JSON{"id": id} }

func TestAStartThatIsTriedAgainIsAnsweredAsStored(t *testing.T) {
	t.Parallel()
	const id = "startedonceonly"
	t.Run("a request, whatever would be asked of a new one", func(t *testing.T) {
		w := collective(t)
		ana, ben := w.Member("Ana"), w.Member("Ben")
		w.Prefers(ben, apptest.JSON{"can_receive_from": "anyone"})
		w.Settings(apptest.JSON{"window_message_limit": 1})
		first := start(ana, ben.ID, withID(id)).Want(t, 201)
		w.Prefers(ben, apptest.JSON{"can_receive_from": "nobody"})
		w.Stands(ana, apptest.JSON{"restriction_level": "suspended"})
		again := start(ana, ben.ID, withID(id)).Want(t, 200)
		if again.Raw != first.Raw || first.Text("message.id") != id {
			t.Errorf("answered otherwise:\n%s\n%s", first.Raw, again.Raw)
		}
		if n := count(t, w, "messages"); n != 1 {
			t.Errorf("%d messages are stored", n)
		}
	})
	t.Run("an accepted one", func(t *testing.T) {
		w := collective(t)
		ana, ben := w.Member("Ana"), w.Member("Ben")
		more := about(needs(t, ben))
		first := start(ana, ben.ID, more, withID(id)).Want(t, 201)
		if again := start(ana, ben.ID, more, withID(id)).Want(t, 200); again.Raw != first.Raw {
			t.Errorf("answered otherwise:\n%s\n%s", first.Raw, again.Raw)
		}
	})
	t.Run("one that was used again", func(t *testing.T) {
		w := collective(t)
		ana, ben := w.Member("Ana"), w.Member("Ben")
		ana.Meets(t, ben)
		start(ben, ana.ID, withID(id)).Want(t, 201)
		if again := start(ben, ana.ID, withID(id)).Want(t, 200); again.Number("message.seq") != 2 {
			t.Errorf("answered otherwise: %s", again.Raw)
		}
	})
	t.Run("a group", func(t *testing.T) {
		w := collective(t)
		ana, ben := w.Member("Ana"), w.Member("Ben")
		w.Prefers(ben, apptest.JSON{"can_receive_from": "anyone"})
		body := apptest.JSON{"participant_ids": []string{ben.ID}, "title": "Food", "initial_message": "Hi", "id": id}
		first := ana.Post("/conversations", body).Want(t, 201)
		if again := ana.Post("/conversations", body).Want(t, 200); again.Raw != first.Raw {
			t.Errorf("answered otherwise:\n%s\n%s", first.Raw, again.Raw)
		}
	})
	t.Run("with its text deleted, as a tombstone", func(t *testing.T) {
		w := collective(t)
		ana, ben := w.Member("Ana"), w.Member("Ben")
		ana.Meets(t, ben)
		start(ana, ben.ID, withID(id)).Want(t, 201)
		ana.Delete("/collections/messages/records/"+id).Want(t, 204)
		if again := start(ana, ben.ID, withID(id)).Want(t, 200); again.Text("message.content") != "" || again.Text("message.deleted_at") == "" {
			t.Errorf("no tombstone: %s", again.Raw)
		}
	})
	for name, prepare := range map[string]apptest.JSON{"a request in parallel": nil, "an accepted one in parallel": {"link": true}} {
		t.Run(name, func(t *testing.T) {
			w := collective(t)
			ana, ben := w.Member("Ana"), w.Member("Ben")
			w.Prefers(ben, apptest.JSON{"can_receive_from": "anyone"})
			more := apptest.JSON{}
			if prepare != nil {
				more = about(needs(t, ben))
			}
			statuses, answers := atOnce(12, func(int) apptest.Answer { return start(ana, ben.ID, more, withID(id)) })
			if statuses[201] != 1 || statuses[200] != 11 {
				t.Errorf("answered %v: %v", statuses, answers)
			}
			if n, m := count(t, w, "conversations"), count(t, w, "messages"); n != 1 || m != 1 {
				t.Errorf("%d conversations and %d messages are stored", n, m)
			}
		})
	}
}

func TestAnIDThatIsTakenIsRefusedByName(t *testing.T) {
	w := collective(t)
	ana, ben, cleo := w.Member("Ana"), w.Member("Ben"), w.Member("Cleo")
	for _, member := range []*apptest.Person{ana, ben, cleo} {
		w.Prefers(member, apptest.JSON{"can_receive_from": "anyone"})
	}
	const id = "startedonceonly"
	conversation := start(ana, ben.ID, withID(id)).Want(t, 201).Text("conversation.id")

	taken := func(name string, answer apptest.Answer) {
		t.Helper()
		if answer.Status != 400 || answer.At("data.id") == nil {
			t.Errorf("%s: answered %d %s", name, answer.Status, answer.Raw)
		}
	}
	taken("by somebody else", start(cleo, ana.ID, withID(id)))
	taken("by its recipient", start(ben, ana.ID, withID(id)))
	taken("to somebody else", start(ana, cleo.ID, withID(id)))
	taken("for a group", ana.Post("/conversations", apptest.JSON{"participant_ids": []string{cleo.ID}, "title": "T", "initial_message": "Hi", "id": id}))
	for _, malformed := range []string{"short", strings.Repeat("x", 16), "WITHCAPITALS000", "with-dashes-000"} {
		taken("malformed "+malformed, start(cleo, ben.ID, withID(malformed)))
	}
	take(ana, conversation, "leave").Want(t, 200)
	taken("in a conversation that its sender has left", start(ana, ben.ID, withID(id)))
	if n := count(t, w, "conversations"); n != 1 {
		t.Errorf("%d conversations are stored", n)
	}
}

func TestAStartIsWrittenWholeOrNotAtAll(t *testing.T) {
	w := collective(t)
	ana, ben, cleo, dan := w.Member("Ana"), w.Member("Ben"), w.Member("Cleo"), w.Member("Dan")
	for _, member := range []*apptest.Person{ana, ben, cleo, dan} {
		w.Prefers(member, apptest.JSON{"can_receive_from": "anyone"})
	}
	w.Settings(apptest.JSON{"window_message_limit": 1})
	start(ana, ben.ID).Want(t, 201)
	conversations, participants := count(t, w, "conversations"), count(t, w, "conversation_participants")

	start(ana, cleo.ID).Refused(t, "rate_limited").Want(t, 429)
	gather(ana, cleo.ID, dan.ID).Refused(t, "rate_limited")
	start(ana, cleo.ID, apptest.JSON{"initial_message": strings.Repeat("x", 1_001)}).Want(t, 400)
	start(cleo, ana.ID, withID("no")).Want(t, 400)
	if n, p := count(t, w, "conversations"), count(t, w, "conversation_participants"); n != conversations || p != participants {
		t.Errorf("a start whose message was refused left %d conversations and %d places", n-conversations, p-participants)
	}
	for _, member := range []*apptest.Person{cleo, dan} {
		if seen := member.Get("/conversations").Want(t, 200); seen.Number("pagination.total") != 0 {
			t.Errorf("a start whose message was refused is seen: %s", seen.Raw)
		}
	}
}

func TestOnlyOneOfManyStartsAtOnceBecomesARequest(t *testing.T) {
	w := collective(t)
	ana, ben := w.Member("Ana"), w.Member("Ben")
	w.Prefers(ana, apptest.JSON{"can_receive_from": "anyone"})
	w.Prefers(ben, apptest.JSON{"can_receive_from": "anyone"})
	statuses, answers := atOnce(12, func(i int) apptest.Answer {
		if i%2 == 0 {
			return start(ana, ben.ID)
		}
		return start(ben, ana.ID)
	})
	if statuses[201] != 1 || statuses[403] != 11 {
		t.Errorf("answered %v: %v", statuses, answers)
	}
	if n := count(t, w, "conversations"); n != 1 {
		t.Errorf("%d conversations are stored", n)
	}
}

func TestOnlyOneOfManyAcceptedStartsAtOnceMakesTheConversation(t *testing.T) {
	w := collective(t)
	ana, ben := w.Member("Ana"), w.Member("Ben")
	more := about(needs(t, ben))
	statuses, answers := atOnce(12, func(i int) apptest.Answer {
		return start(ana, ben.ID, more, apptest.JSON{"initial_message": fmt.Sprint("Hello ", i)})
	})
	if statuses[201] != 12 {
		t.Errorf("answered %v: %v", statuses, answers)
	}
	if n, m := count(t, w, "conversations"), count(t, w, "messages"); n != 1 || m != 12 {
		t.Errorf("%d conversations and %d messages are stored", n, m)
	}
}
