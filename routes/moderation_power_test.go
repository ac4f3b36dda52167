package routes_test

import (
	"strings"
	"testing"
	"time"

	"carecollective/internal/apptest"
	"carecollective/server"
)

func TestAModeratorIsNotAloneByRestrictingTheOthers(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t, "vile", "viler")
	one, two := q.w.Moderator("Mo"), q.w.Moderator("Max")
	one.Post("/moderation/users/"+two.ID+"/restrict", apptest.JSON{"level": "suspended", "reason": "in my way"}).Want(t, 200)
	resolve(one, q.report(t, q.messages[0]), "ban").Want(t, 202)
	resolve(one, q.report(t, q.messages[1]), "suspend").Want(t, 200)
	appeal := q.ben.Post("/moderation/appeals", apptest.JSON{"text": "No."}).Want(t, 201).Text("appeal.id")
	one.Post("/moderation/appeals/"+appeal+"/decide", apptest.JSON{"outcome": "upheld"}).Refused(t, "same_moderator")
	q.w.Change("users", two.ID, apptest.JSON{"role": "member"}) // by the operator, who sees to it
	one.Post("/moderation/appeals/"+appeal+"/decide", apptest.JSON{"outcome": "upheld"}).Want(t, 200)
}

func TestTheClaimOfARestrictedModeratorKeepsNobodyOut(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t, "vile")
	report := q.report(t, q.messages[0])
	one, two := q.w.Moderator("Mo"), q.w.Moderator("Max")
	one.Post("/moderation/queue/"+caseOf(t, q.w)+"/claim", nil).Want(t, 200)
	resolve(two, report, "dismiss").Want(t, 409)
	q.w.Stands(one, apptest.JSON{"restriction_level": "suspended"})
	resolve(two, report, "dismiss").Want(t, 200)
}

func TestWhatOneModeratorImposesEndsByItself(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t, dubious)
	moderator := q.w.Moderator("Mo")
	decide(moderator, caseOf(t, q.w), "pre_approve").Want(t, 200)
	moderator.Post("/moderation/users/"+q.ben.ID+"/restrict", apptest.JSON{"level": "limited", "reason": "too many"}).Want(t, 200)
	all := penalties(t, q.w)
	for _, p := range all {
		if ends := p.GetDateTime("ends_at").Time(); ends.Before(time.Now().AddDate(0, 0, 29)) || ends.After(time.Now().AddDate(0, 0, 31)) {
			t.Errorf("%s ends %v", p.GetString("level"), ends)
		}
	}
	if len(all) != 2 {
		t.Errorf("there are %d penalties", len(all))
	}
}

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

func TestWhoReportedAMessageCountsNowhereAsAnotherModerator(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana, ben, mo, max := w.Member("Ana"), w.Member("Ben"), w.Moderator("Mo"), w.Moderator("Max")
	group := gathered(t, ben, []*apptest.Person{ana, mo})
	vile := ben.Says(t, group, "vile")
	report := ana.Post("/messages/"+vile+"/report", apptest.JSON{"reason": "spam"}).Want(t, 201).Text("report.id")
	mo.Post("/messages/"+vile+"/report", apptest.JSON{"reason": "spam"}).Want(t, 201)
	resolve(max, report, "ban").Want(t, 200)
	appeal := ben.Post("/moderation/appeals", apptest.JSON{"text": "No."}).Want(t, 201).Text("appeal.id")
	if list := mo.Get("/moderation/appeals").Want(t, 200); list.Number("pagination.total") != 0 {
		t.Errorf("who reported the same message sees %s", list.Raw)
	}
	mo.Post("/moderation/appeals/"+appeal+"/decide", apptest.JSON{"outcome": "upheld"}).Want(t, 404)
	max.Post("/moderation/appeals/"+appeal+"/decide", apptest.JSON{"outcome": "upheld"}).Want(t, 200)
}

func TestANotificationSaysWhatWasDecidedAndUntilWhenAndNamesNobody(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t, "vile")
	moderator := q.w.Moderator("Mo")
	moderator.Post("/moderation/reports/"+q.report(t, q.messages[0])+"/resolve", apptest.JSON{"action": "suspend", "days": 2, "note": "Ana is afraid"}).Want(t, 200)
	told := q.ben.Get("/collections/notifications/records").Want(t, 200)
	until := time.Now().UTC().AddDate(0, 0, 2).Format("2 January 2006")
	if body := told.Text("items.0.body"); !strings.HasPrefix(body, "You are suspended until "+until) || !strings.Contains(body, "how to appeal") || strings.Contains(told.Raw, "Ana") {
		t.Errorf("who is suspended is told %s", told.Raw)
	}
}
