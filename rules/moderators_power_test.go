package rules_test

import (
	"strings"
	"testing"
	"time"

	"carecollective/internal/apptest"
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
