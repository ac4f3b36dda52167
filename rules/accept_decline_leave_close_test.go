package rules_test

import (
	"testing"

	"carecollective/internal/apptest"
)

// step is one row of the table of steps: what comes of it for whoever takes it.
type step struct {
	who, step string
	want      string // the consent answered, or a refusal's code, or "404"
	sees      bool   // the conversation is in the answer
}

// between is the state a step is taken in: who has done what before.
type between struct {
	name  string
	done  [][2]string
	steps []step
}

var directSteps = []between{
	{"a request that waits", nil, []step{
		{"ben", "accept", "accepted", true},
		{"ben", "decline", "declined", false},
		{"ben", "leave", "declined", false},
		{"ben", "close", "declined", false},
		{"ana", "accept", "not_allowed", true},
		{"ana", "decline", "not_allowed", true},
		{"ana", "leave", "accepted", false},
		{"ana", "close", "pending", true},
		{"cleo", "accept", "404", false},
		{"cleo", "close", "404", false},
	}},
	{"a conversation that was accepted", [][2]string{{"ben", "accept"}}, []step{
		{"ben", "accept", "accepted", true},
		{"ben", "decline", "not_allowed", true},
		{"ana", "decline", "not_allowed", true},
		{"ben", "leave", "accepted", false},
		{"ana", "leave", "accepted", false},
		{"ben", "close", "accepted", true},
		{"ana", "close", "accepted", true},
	}},
	{"a request that was declined", [][2]string{{"ben", "decline"}}, []step{
		{"ben", "decline", "declined", false},
		{"ben", "leave", "declined", false},
		{"ben", "accept", "404", false},
		{"ana", "accept", "not_allowed", true},
		{"ana", "decline", "not_allowed", true},
		{"ana", "close", "pending", true},
		{"ana", "leave", "accepted", false},
	}},
	{"a request that its sender left", [][2]string{{"ana", "leave"}}, []step{
		{"ben", "accept", "conversation_closed", true},
		{"ben", "decline", "declined", false},
		{"ben", "leave", "declined", false},
		{"ben", "close", "declined", false},
		{"ana", "accept", "404", false},
		{"ana", "close", "404", false},
		{"ana", "leave", "accepted", false},
	}},
	{"a request that its sender closed", [][2]string{{"ana", "close"}}, []step{
		{"ben", "accept", "conversation_closed", true},
		{"ben", "decline", "declined", false},
		{"ana", "close", "pending", true},
		{"ana", "leave", "accepted", false},
		{"ana", "accept", "not_allowed", true},
	}},
	{"a conversation that the one who was asked left", [][2]string{{"ben", "accept"}, {"ben", "leave"}}, []step{
		{"ben", "leave", "accepted", false},
		{"ben", "accept", "404", false},
		{"ben", "decline", "404", false},
		{"ben", "close", "404", false},
		{"ana", "close", "accepted", true},
		{"ana", "leave", "accepted", false},
	}},
	{"a conversation that was closed", [][2]string{{"ben", "accept"}, {"ana", "close"}}, []step{
		{"ben", "close", "accepted", true},
		{"ben", "accept", "accepted", true},
		{"ben", "leave", "accepted", false},
		{"ana", "leave", "accepted", false},
	}},
}

func TestStepsBetweenTwo(t *testing.T) {
	t.Parallel()
	for _, state := range directSteps {
		for _, step := range state.steps {
			t.Run(state.name+": "+step.who+" "+step.step, func(t *testing.T) {
				w := collective(t)
				people := map[string]*apptest.Person{"ana": w.Member("Ana"), "ben": w.Member("Ben"), "cleo": w.Member("Cleo")}
				id := people["ana"].Asks(t, people["ben"], "Hello, may I?")
				for _, done := range state.done {
					take(people[done[0]], id, done[1]).Want(t, 200)
				}
				wantStep(t, people[step.who], id, step)
			})
		}
	}
}

// wantStep takes a step and judges its answer; then GET must show the same.
func wantStep(t *testing.T, who *apptest.Person, id string, step step) {
	t.Helper()
	answer := take(who, id, step.step)
	switch step.want {
	case "404":
		answer.Want(t, 404)
	case "accepted", "pending", "declined":
		answer.Want(t, 200)
		if answer.Text("consent") != step.want || len(answer.Body) != 2 {
			t.Errorf("answered %s, want consent %s", answer.Raw, step.want)
		}
		if (answer.At("conversation") != nil) != step.sees {
			t.Errorf("the conversation is shown wrongly: %s", answer.Raw)
		}
	default:
		answer.Refused(t, step.want)
	}
	status := 404
	if step.sees {
		status = 200
	}
	who.Get("/conversations/"+id).Want(t, status)
	who.Get("/conversations/"+id+"/messages").Want(t, status)
	who.Get("/collections/conversations/records/"+id).Want(t, status)
}

func TestStepsInAGroup(t *testing.T) {
	t.Parallel()
	for _, state := range []between{
		{"while one is asked", nil, []step{
			{"cleo", "accept", "accepted", true},
			{"cleo", "decline", "declined", false},
			{"cleo", "leave", "declined", false},
			{"cleo", "close", "declined", false},
			{"ben", "decline", "not_allowed", true},
			{"ben", "leave", "accepted", false},
			{"ben", "close", "not_allowed", true},
			{"ana", "accept", "accepted", true},
			{"ana", "close", "accepted", true},
			{"ana", "leave", "accepted", false},
			{"dan", "accept", "404", false},
		}},
		{"after declining", [][2]string{{"cleo", "decline"}}, []step{
			{"cleo", "accept", "404", false},
			{"cleo", "decline", "declined", false},
		}},
		{"after leaving", [][2]string{{"ben", "leave"}}, []step{
			{"ben", "accept", "404", false},
			{"ben", "leave", "accepted", false},
			{"ana", "close", "accepted", true},
		}},
		{"after it was closed", [][2]string{{"ana", "close"}}, []step{
			{"cleo", "accept", "conversation_closed", true},
			{"cleo", "decline", "declined", false},
			{"ben", "leave", "accepted", false},
		}},
	} {
		for _, step := range state.steps {
			t.Run(state.name+": "+step.who+" "+step.step, func(t *testing.T) {
				w := collective(t)
				people := map[string]*apptest.Person{"ana": w.Member("Ana"), "ben": w.Member("Ben"), "cleo": w.Member("Cleo"), "dan": w.Member("Dan")}
				id := gathered(t, people["ana"], []*apptest.Person{people["ben"]}, people["cleo"])
				for _, done := range state.done {
					take(people[done[0]], id, done[1]).Want(t, 200)
				}
				wantStep(t, people[step.who], id, step)
			})
		}
	}
}

func TestWhoMayNotTakeSteps(t *testing.T) {
	w := collective(t)
	ana, ben := w.Member("Ana"), w.Member("Ben")
	id := ana.Asks(t, ben, "Hello, may I?")
	operator := w.Superuser()
	for _, step := range []string{"accept", "decline", "leave", "close"} {
		take(w.Guest(), id, step).Want(t, 401)
		take(operator, id, step).Want(t, 403)
		take(ben, "nosuchconversat", step).Want(t, 404)
	}
	if seen := ben.Get("/conversations/"+id).Want(t, 200); seen.Text("conversation.consent") != "pending" {
		t.Errorf("a step of somebody else changed it: %s", seen.Raw)
	}
}

// records is how many rows of a collection someone sees by the SDK.
func records(t *testing.T, who *apptest.Person, collection string) []any {
	t.Helper()
	return who.Get("/collections/"+collection+"/records?perPage=200").Want(t, 200).List("items")
}

func TestAcceptingAndDecliningAtOnceIsOneOfThem(t *testing.T) {
	w := collective(t)
	ana, ben := w.Member("Ana"), w.Member("Ben")
	id := ana.Asks(t, ben, "Hello, may I?")
	_, answers := atOnce(2, func(i int) apptest.Answer { return take(ben, id, []string{"accept", "decline"}[i]) })
	accepted, declined := answers[0].Status, answers[1].Status
	if (accepted != 200 || declined != 403) && (accepted != 404 || declined != 200) {
		t.Errorf("answered %v", answers)
	}
}

func TestAcceptingTwiceAtOnceIsAcceptingOnce(t *testing.T) {
	w := collective(t)
	ana, ben := w.Member("Ana"), w.Member("Ben")
	id := gathered(t, ana, nil, ben)
	statuses, answers := atOnce(8, func(int) apptest.Answer { return take(ben, id, "accept") })
	if statuses[200] != 8 {
		t.Errorf("answered %v: %v", statuses, answers)
	}
	if n := count(t, w, "messages"); n != 2 {
		t.Errorf("joining once is told %d times", n-1)
	}
}
