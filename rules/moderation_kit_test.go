package rules_test

import (
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/internal/apptest"
	"carecollective/server"
)

// queued is the first item of the queue, which must hold so many.
func queued(t *testing.T, moderator *apptest.Person, items int) apptest.Answer {
	t.Helper()
	queue := moderator.Get("/moderation/queue").Want(t, 200)
	if queue.Number("pagination.total") != items {
		t.Fatalf("the queue holds %s", queue.Raw)
	}
	return queue
}

func decide(moderator *apptest.Person, id, action string) apptest.Answer {
	return moderator.Post("/moderation/queue/"+id+"/resolve", apptest.JSON{"action": action, "note": "as decided"})
}

func penalties(t *testing.T, w *apptest.World) []*core.Record {
	t.Helper()
	rows, err := w.App.FindAllRecords("moderation_penalties")
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func content(p *apptest.Person, message string) string {
	return p.Get("/collections/messages/records/" + message).Text("content")
}

// trio is a group of ana, ben and cleo, in which the two others have reported what ben wrote.
func trio(t *testing.T) (q *quarrel, cleo *apptest.Person, vile string, reports []string) {
	t.Helper()
	q = newQuarrel(t)
	cleo = q.w.Member("Cleo")
	group := gathered(t, q.ben, []*apptest.Person{q.ana, cleo})
	vile = q.ben.Says(t, group, "vile")
	for _, p := range []*apptest.Person{q.ana, cleo} {
		reports = append(reports, p.Post("/messages/"+vile+"/report", apptest.JSON{"reason": "spam"}).Want(t, 201).Text("report.id"))
	}
	return q, cleo, vile, reports
}

func appealed(t *testing.T, by, decider *apptest.Person, outcome string) {
	t.Helper()
	id := by.Post("/moderation/appeals", apptest.JSON{"text": "It was a joke."}).Want(t, 201).Text("appeal.id")
	decider.Post("/moderation/appeals/"+id+"/decide", apptest.JSON{"outcome": outcome, "note": "looked again"}).Want(t, 200)
}

// quarrel is a conversation in which ben has written something that ana may want to report.
type quarrel struct {
	w            *apptest.World
	ana, ben     *apptest.Person
	conversation string
	messages     []string // ben's, the oldest first
}

func newQuarrel(t *testing.T, texts ...string) *quarrel {
	t.Helper()
	w := apptest.New(t, server.Config{})
	q := &quarrel{w: w, ana: w.Member("Ana"), ben: w.Member("Ben")}
	request := q.ana.Post("/collections/help_requests/records", apptest.JSON{"title": "A ride"}).Want(t, 200)
	started := q.ben.Post("/conversations", apptest.JSON{
		"recipient_id": q.ana.ID, "help_request_id": request.Text("id"), "initial_message": "I can help.",
	}).Want(t, 201)
	q.conversation = started.Text("conversation.id")
	for _, content := range texts {
		q.messages = append(q.messages, q.write(t, content))
	}
	return q
}

func (q *quarrel) write(t *testing.T, content string) string {
	t.Helper()
	return q.ben.Post("/conversations/"+q.conversation+"/messages", apptest.JSON{"content": content}).Want(t, 201).Text("message.id")
}

func (q *quarrel) report(t *testing.T, message string) string {
	t.Helper()
	return q.ana.Post("/messages/"+message+"/report", apptest.JSON{"reason": "harassment", "description": "He frightens me."}).
		Want(t, 201).Text("report.id")
}

func resolve(moderator *apptest.Person, report, action string) apptest.Answer {
	return moderator.Post("/moderation/reports/"+report+"/resolve", apptest.JSON{"action": action, "note": "as decided"})
}

// later runs the job that keeps the promises of moderation.
func later(t *testing.T, w *apptest.World) {
	t.Helper()
	for _, job := range w.App.Cron().Jobs() {
		if job.Id() == "collective.moderation" {
			job.Run()
			return
		}
	}
	t.Fatal("there is no such job")
}

func daysAgo(n int) time.Time { return time.Now().AddDate(0, 0, -n) }

// caseOf is the id of the only case.
func caseOf(t *testing.T, w *apptest.World) string {
	t.Helper()
	cases, err := w.App.FindAllRecords("moderation_cases")
	if err != nil || len(cases) != 1 {
		t.Fatalf("there are %d cases: %v", len(cases), err)
	}
	return cases[0].Id
}
