package rules_test

import (
	"testing"

	"carecollective/internal/apptest"
	"carecollective/server"
)

func TestAModeratorWhoReportedAMessageDecidesNothingAboutIt(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana, ben, mo, max := w.Member("Ana"), w.Member("Ben"), w.Moderator("Mo"), w.Moderator("Max")
	group := gathered(t, ben, []*apptest.Person{ana, mo})
	vile := ben.Says(t, group, "vile")
	own := mo.Post("/messages/"+vile+"/report", apptest.JSON{"reason": "spam"}).Want(t, 201).Text("report.id")
	hers := ana.Post("/messages/"+vile+"/report", apptest.JSON{"reason": "spam"}).Want(t, 201).Text("report.id")
	for _, report := range []string{own, hers} {
		resolve(mo, report, "limit").Want(t, 404)
	}
	if queue := mo.Get("/moderation/queue").Want(t, 200); queue.Number("pagination.total") != 0 {
		t.Errorf("their own case is in the queue: %s", queue.Raw)
	}
	mo.Post("/moderation/users/"+ben.ID+"/restrict", apptest.JSON{"level": "suspended", "reason": "annoys me"}).Refused(t, "not_allowed")
	resolve(max, own, "limit").Want(t, 200)
	appeal := ben.Post("/moderation/appeals", apptest.JSON{"text": "Why?"}).Want(t, 201).Text("appeal.id")
	mo.Post("/moderation/appeals/"+appeal+"/decide", apptest.JSON{"outcome": "upheld"}).Want(t, 404)
	if list := mo.Get("/moderation/appeals").Want(t, 200); list.Number("pagination.total") != 0 {
		t.Errorf("the reporter sees the appeal: %s", list.Raw)
	}
	max.Post("/moderation/appeals/"+appeal+"/decide", apptest.JSON{"outcome": "upheld"}).Want(t, 200) // nobody else is there
}

func TestARestrictedModeratorDecidesNothingAndIsNobodysSecond(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t, "vile")
	one, two := q.w.Moderator("Mo"), q.w.Moderator("Max")
	report := q.report(t, q.messages[0])
	q.w.Stands(two, apptest.JSON{"restriction_level": "suspended"})
	two.Get("/moderation/queue").Refused(t, "account_suspended")
	resolve(two, report, "dismiss").Refused(t, "account_suspended")
	q.w.Stands(two, apptest.JSON{"restriction_level": "banned"})
	two.Get("/moderation/appeals").Refused(t, "account_banned")
	resolve(one, report, "ban").Want(t, 200)
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

func TestNobodyHandlesACaseOfTheirOwn(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t, "vile")
	report := q.report(t, q.messages[0])
	for _, own := range []*apptest.Person{q.ana, q.ben} {
		q.w.Change("users", own.ID, apptest.JSON{"role": "moderator"})
		if queue := own.Get("/moderation/queue").Want(t, 200); len(queue.List("items")) != 0 {
			t.Fatalf("one's own case is in the queue: %s", queue.Raw)
		}
		resolve(own, report, "dismiss").Want(t, 404)
	}
}
