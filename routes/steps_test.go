package routes_test

import (
	"strconv"
	"testing"
	"time"

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

func TestARequestIsItsFirstMessageAlone(t *testing.T) {
	w := collective(t)
	ana, ben := w.Member("Ana"), w.Member("Ben")
	id := ana.Asks(t, ben, "Hello, may I?")
	write(ana, id, "And one more.").Refused(t, "consent_pending")
	write(ben, id, "Who are you?").Refused(t, "consent_pending")
	ben.Post("/collections/messages/records", apptest.JSON{"conversation": id, "content": "Who?"}).Refused(t, "consent_pending")
	ben.Post("/conversations/"+id+"/contact", apptest.JSON{"type": "phone"}).Refused(t, "consent_pending")
	ana.Post("/conversations/"+id+"/contact", apptest.JSON{"type": "phone"}).Refused(t, "consent_pending")

	thread := ben.Get("/conversations/"+id+"/messages").Want(t, 200)
	if len(thread.List("messages")) != 1 || thread.Text("messages.0.content") != "Hello, may I?" || thread.Text("conversation.consent") != "pending" || thread.Number("conversation.unread_count") != 1 {
		t.Errorf("the request differs: %s", thread.Raw)
	}
	message := thread.Text("messages.0.id")
	edit(ana, message, "Hello!").Refused(t, "consent_pending")
	if len(records(t, ben, "messages")) != 1 || len(records(t, ben, "conversations")) != 1 || len(records(t, ben, "conversation_participants")) != 2 {
		t.Error("the records of a request differ")
	}

	ben.Put("/messages/"+message+"/read", nil).Want(t, 200)
	ben.Post("/conversations/"+id+"/typing", apptest.JSON{"is_typing": true}).Want(t, 204)
	if seen := ana.Get("/collections/messages/records/"+message).Want(t, 200); seen.Text("status") != "sent" || seen.Text("read_at") != "" {
		t.Errorf("the sender sees that a request was read: %s", seen.Raw)
	}
	for i := range 2 {
		rows := ana.Get("/collections/conversation_participants/records").Want(t, 200)
		at := "items." + strconv.Itoa(i) + "."
		if rows.Text(at+"user") == ben.ID && (rows.Number(at+"last_read_seq") != 0 || rows.Number(at+"last_delivered_seq") != 0 || rows.At(at+"unread_count") != nil) {
			t.Errorf("the sender sees how far a request was read: %s", rows.Raw)
		}
	}
	take(ben, id, "accept").Want(t, 200)
	if seen := ana.Get("/conversations/"+id).Want(t, 200); seen.Text("conversation.consent") != "accepted" {
		t.Errorf("the sender does not see that it was accepted: %s", seen.Raw)
	}
	edit(ana, message, "Hello!").Want(t, 200)
	write(ben, id, "Hello.").Want(t, 201)
}

func TestWhoLeftOrDeclinedSeesTheirOwnPlaceAlone(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"decline", "leave a request", "leave"} {
		t.Run(how, func(t *testing.T) {
			w := collective(t)
			ana, ben := w.Member("Ana"), w.Member("Ben")
			id := ana.Asks(t, ben, "Hello, may I?")
			message := ana.Get("/conversations/" + id).Text("conversation.last_message.id")
			wantConsent := "declined"
			switch how {
			case "decline":
				take(ben, id, "decline").Want(t, 200)
			case "leave a request":
				take(ben, id, "leave").Want(t, 200)
			default:
				take(ben, id, "accept").Want(t, 200)
				take(ben, id, "leave").Want(t, 200)
				wantConsent = "accepted"
			}
			for _, path := range []string{
				"/conversations/" + id, "/conversations/" + id + "/messages", "/collections/conversations/records/" + id,
				"/collections/messages/records/" + message,
			} {
				ben.Get(path).Want(t, 404)
			}
			ben.Put("/messages/"+message+"/read", nil).Want(t, 404)
			ben.Post("/conversations/"+id+"/typing", apptest.JSON{"is_typing": true}).Want(t, 404)
			ben.Post("/conversations/"+id+"/block", nil).Want(t, 404)
			ben.Post("/conversations/"+id+"/contact", apptest.JSON{"type": "email"}).Want(t, 404)
			write(ben, id, "Still here?").Want(t, 404)
			ben.Post("/collections/messages/records", apptest.JSON{"conversation": id, "content": "Still?"}).Want(t, 404)
			if total := ben.Get("/conversations").Want(t, 200).Number("pagination.total"); total != 0 {
				t.Errorf("the list still has %d", total)
			}
			if rows := records(t, ben, "messages"); len(rows) != 0 {
				t.Errorf("messages are still seen: %v", rows)
			}
			own := ben.Get("/collections/conversation_participants/records").Want(t, 200)
			if len(own.List("items")) != 1 || own.Text("items.0.user") != ben.ID || own.Text("items.0.consent") != wantConsent {
				t.Errorf("not their own place alone: %s", own.Raw)
			}
		})
	}
}

// Ana asks Ben, who declines in one of three ways, and Cid, who does not answer: she cannot tell.
func TestDecliningLooksLikeNotAnswering(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"decline", "leave", "close", "block"} {
		t.Run(how, func(t *testing.T) {
			w := collective(t)
			ana, ben, cid := w.Member("Ana"), w.Member("Ben"), w.Member("Cid")
			declined, unanswered := ana.Asks(t, ben, "Hello, may I?"), ana.Asks(t, cid, "Hello, may I?")
			if how == "block" {
				block(t, ben, ana)
			} else {
				take(ben, declined, how).Want(t, 200)
			}
			w.Prefers(ben, apptest.JSON{"can_receive_from": "nobody"})
			eyes := pair{t, ana, ben, cid, declined, unanswered}
			eyes.everythingIsAlike()
			eyes.alike("another start", func(them *apptest.Person, _ string) apptest.Answer { return start(ana, them.ID) })
			eyes.alike("an invitation", func(them *apptest.Person, _ string) apptest.Answer { return gather(ana, them.ID) })
			for _, step := range []string{"accept", "decline", "close", "leave"} {
				eyes.alike(step, func(_ *apptest.Person, id string) apptest.Answer { return take(ana, id, step) })
			}
			eyes.alike("a start afterwards", func(them *apptest.Person, _ string) apptest.Answer { return start(ana, them.ID) })
		})
	}
}

func TestARequestThatItsSenderTookBackStaysReadable(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"leave", "close"} {
		t.Run(how, func(t *testing.T) {
			w := collective(t)
			ana, ben := w.Member("Ana"), w.Member("Ben")
			id := ana.Asks(t, ben, "Hello, may I?")
			take(ana, id, how).Want(t, 200)
			seen := ben.Get("/conversations/"+id+"/messages").Want(t, 200)
			if seen.Text("messages.0.content") != "Hello, may I?" || seen.Text("conversation.status") != "closed" || seen.Text("conversation.consent") != "pending" {
				t.Errorf("not as it was: %s", seen.Raw)
			}
			take(ben, id, "accept").Refused(t, "conversation_closed")
			write(ben, id, "No.").Refused(t, "conversation_closed")
			ben.Post("/conversations/"+id+"/block", nil).Want(t, 200)
		})
	}
}

func TestLeavingADirectConversationClosesItForTheOther(t *testing.T) {
	w := collective(t)
	ana, ben := w.Member("Ana"), w.Member("Ben")
	id := ana.Meets(t, ben)
	take(ben, id, "leave").Want(t, 200)
	seen := ana.Get("/conversations/"+id+"/messages").Want(t, 200)
	if seen.Text("conversation.status") != "closed" || len(seen.List("messages")) != 1 || len(seen.List("conversation.participants")) != 2 {
		t.Errorf("the other does not keep it: %s", seen.Raw)
	}
	write(ana, id, "Hello?").Refused(t, "conversation_closed")
	ana.Post("/conversations/"+id+"/typing", apptest.JSON{"is_typing": true}).Refused(t, "conversation_closed")
	edit(ana, seen.Text("messages.0.id"), "Hello?").Refused(t, "conversation_closed")
}

func TestARequestThatNobodyAnsweredClosesByItself(t *testing.T) {
	w := collective(t)
	ana, ben := w.Member("Ana"), w.Member("Ben")
	group := gathered(t, ana, nil, ben)
	id := ana.Asks(t, ben, "Hello, may I?")
	longAgo(t, w, "conversation_participants", "requested_at", 31*days)
	take(ben, id, "accept").Refused(t, "conversation_closed")
	for _, job := range w.App.Cron().Jobs() {
		if job.Id() == "collective.tidy" {
			job.Run()
		}
	}
	for _, who := range []*apptest.Person{ana, ben} {
		if seen := who.Get("/conversations/"+id).Want(t, 200); seen.Text("conversation.status") != "closed" || seen.Text("conversation.consent") != "pending" {
			t.Errorf("not closed: %s", seen.Raw)
		}
	}
	take(ben, id, "accept").Refused(t, "conversation_closed")
	take(ben, group, "accept").Want(t, 200)
	again := start(ana, ben.ID).Want(t, 201)
	if again.Text("conversation.id") == id || again.Text("consent") != "pending" {
		t.Errorf("not judged afresh: %s", again.Raw)
	}
}

func TestWithoutAWaitANewRequestTakesThePlaceOfTheLast(t *testing.T) {
	w := collective(t)
	w.Settings(apptest.JSON{"request_again_days": 0})
	ana, ben := w.Member("Ana"), w.Member("Ben")
	first := ana.Asks(t, ben, "Hello, may I?")
	longAgo(t, w, "conversation_participants", "requested_at", time.Second)
	second := ana.Asks(t, ben, "And now?")
	take(ben, first, "accept").Refused(t, "conversation_closed")
	take(ben, second, "accept").Want(t, 200)
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
