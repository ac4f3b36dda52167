package rules_test

import (
	"testing"

	"carecollective/internal/apptest"
	"carecollective/server"
)

func TestAnAppealIsToldToThoseWhoMayDecideItAndIsNotForgotten(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana, ben, mo, max := w.Member("Ana"), w.Member("Ben"), w.Moderator("Mo"), w.Moderator("Max")
	group := gathered(t, ben, []*apptest.Person{ana, mo})
	report := mo.Post("/messages/"+ben.Says(t, group, "vile")+"/report", apptest.JSON{"reason": "spam"}).Want(t, 201).Text("report.id")
	resolve(max, report, "limit").Want(t, 200)
	appeal := ben.Post("/moderation/appeals", apptest.JSON{"text": "Why?"}).Want(t, 201).Text("appeal.id")
	told := func(p *apptest.Person, title string) (times int) {
		for _, notice := range p.Get("/collections/notifications/records").Want(t, 200).List("items") {
			if apptest.At(notice, "title") == title {
				times++
			}
		}
		return times
	}
	const appeals = "A member appeals"
	if told(max, appeals) != 1 || told(mo, appeals) != 0 || told(ana, appeals) != 0 {
		t.Errorf("the appeal is told %d, %d and %d times", told(max, appeals), told(mo, appeals), told(ana, appeals))
	}
	if queue := max.Get("/moderation/queue").Want(t, 200); queue.Number("appeals") != 1 || queue.Number("pagination.total") != 0 {
		t.Errorf("the queue is %s", queue.Raw)
	}
	if queue := mo.Get("/moderation/queue").Want(t, 200); queue.Number("appeals") != 0 {
		t.Errorf("who may not decide it sees %s", queue.Raw)
	}
	if _, err := w.App.DB().NewQuery("UPDATE moderation_appeals SET created_at = '2026-01-01 00:00:00.000Z'").Execute(); err != nil {
		t.Fatal(err)
	}
	later(t, w)
	later(t, w)
	if reminded := told(max, "An appeal waits too long"); reminded != 1 {
		t.Errorf("the moderators are reminded %d times", reminded)
	}
	if own := ben.Get("/collections/moderation_appeals/records/"+appeal).Want(t, 200); own.At("escalated_at") != nil {
		t.Errorf("who appeals sees %s", own.Raw)
	}
}

func TestACaseThatWaitsTooLongIsEscalatedOnce(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t, "vile")
	report := q.report(t, q.messages[0])
	one, two := q.w.Moderator("Mo"), q.w.Moderator("Max")
	id := caseOf(t, q.w)
	one.Post("/moderation/queue/"+id+"/claim", nil).Want(t, 200)
	later(t, q.w)
	if q.w.Row("moderation_cases", id).GetString("escalated_at") != "" {
		t.Fatal("it was escalated at once")
	}
	if _, err := q.w.App.DB().NewQuery("UPDATE moderation_cases SET created_at = '2026-01-01 00:00:00.000Z'").Execute(); err != nil {
		t.Fatal(err)
	}
	q.w.Change("moderation_cases", id, apptest.JSON{"claimed_at": daysAgo(2)})
	later(t, q.w)
	later(t, q.w)
	for _, moderator := range []*apptest.Person{one, two} {
		if told := moderator.Get("/collections/notifications/records").Want(t, 200); told.Number("totalItems") != 1 || told.Text("items.0.title") != "A case waits too long" {
			t.Errorf("a moderator is told %s", told.Raw)
		}
	}
	if item := two.Get("/moderation/queue").Want(t, 200); item.Text("items.0.escalated_at") == "" {
		t.Errorf("the queue shows %s", item.Raw)
	}
	resolve(two, report, "dismiss").Want(t, 200) // who claimed it long ago keeps nobody out
}
