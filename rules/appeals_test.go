package rules_test

import (
	"testing"

	"carecollective/internal/apptest"
)

func TestWhatWasTakenAwayComesBackByItsOwnAppeal(t *testing.T) {
	t.Parallel()
	for _, action := range []string{"hide", "remove"} {
		q := newQuarrel(t)
		dan := q.w.Member("Dan")
		group := gathered(t, q.ben, []*apptest.Person{q.ana, dan})
		vile := q.ben.Says(t, group, "vile")
		mo, max := q.w.Moderator("Mo"), q.w.Moderator("Max")
		resolve(mo, q.report(t, vile), action).Want(t, 200)
		if content(dan, vile) != "" {
			t.Fatalf("%s: the others still read it", action)
		}
		standing := q.ben.Get("/messaging/standing").Want(t, 200)
		if standing.Text("level") != "none" || standing.Text("decisions.0.message") != vile || standing.Text("decisions.0.reason") != "as decided" ||
			standing.At("decisions.0.can_appeal") != true || standing.Text("guidelines.text") == "" {
			t.Fatalf("%s: the member is told %s", action, standing.Raw)
		}
		if history := mo.Get("/moderation/users/" + q.ben.ID); history.Number("standing.trust_score") != 75 {
			t.Fatalf("%s is a strike: %s", action, history.Raw)
		}
		his := dan.Listen("messages/*")
		appealed(t, q.ben, max, "overturned")
		if e := his.Want("messages/*"); e.Text("record.content") != "vile" || e.Text("record.moderation_status") != "approved" {
			t.Fatalf("%s: the others hear %s", action, e.Raw)
		}
		if content(q.ana, vile) != "" {
			t.Fatalf("%s: it is shown to whoever reported it", action)
		}
	}
}

func TestAnOverturnedPenaltyUndoesNoOtherDecisionAboutTheSameMessage(t *testing.T) {
	t.Parallel()
	q, cleo, vile, reports := trio(t)
	mo, max := q.w.Moderator("Mo"), q.w.Moderator("Max")
	resolve(mo, reports[0], "hide").Want(t, 200)
	resolve(mo, reports[1], "suspend").Want(t, 200)
	appealed(t, q.ben, max, "overturned")
	if standing := q.ben.Get("/messaging/standing"); standing.Text("level") != "none" {
		t.Errorf("the suspension stands: %s", standing.Raw)
	}
	if shown := q.ben.Get("/collections/messages/records/" + vile); shown.Text("moderation_status") != "hidden" {
		t.Errorf("the hidden message came back as well: %s", shown.Raw)
	}
	appealed(t, q.ben, max, "upheld")
	if content(cleo, vile) != "" {
		t.Error("an upheld appeal shows it again")
	}
}

func TestAnAppealUndoesThatPenaltyAndOnlyThat(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t, "one", "two")
	one, two := q.w.Moderator("Mo"), q.w.Moderator("Max")
	q.ben.Post("/moderation/appeals", apptest.JSON{"text": "nothing to appeal"}).Refused(t, "not_allowed")
	resolve(one, q.report(t, q.messages[0]), "limit").Want(t, 200)
	resolve(one, q.report(t, q.messages[1]), "suspend").Want(t, 200)

	appeal := q.ben.Post("/moderation/appeals", apptest.JSON{"text": "It was a joke."}).Want(t, 201)
	if standing := q.ben.Get("/messaging/standing"); standing.Text("appeal.text") != "It was a joke." {
		t.Fatalf("the standing shows %s", standing.Raw)
	}
	path := "/moderation/appeals/" + appeal.Text("appeal.id") + "/decide"
	one.Post(path, apptest.JSON{"outcome": "upheld", "note": ""}).Refused(t, "same_moderator")
	if list := two.Get("/moderation/appeals").Want(t, 200); list.Text("appeals.0.appeal.text") != "It was a joke." {
		t.Fatalf("the moderators see %s", list.Raw)
	}
	two.Post(path, apptest.JSON{"outcome": "overturned", "note": "too hard"}).Want(t, 200)
	two.Post(path, apptest.JSON{"outcome": "upheld", "note": ""}).Want(t, 409)
	standing := q.ben.Get("/messaging/standing").Want(t, 200)
	if standing.Text("level") != "limited" || standing.Text("appeal.status") != "overturned" || standing.Text("appeal.note") != "too hard" {
		t.Fatalf("what stands is %s", standing.Raw)
	}
	q.ben.Post("/moderation/appeals", apptest.JSON{"text": "And the other."}).Want(t, 201)
	q.ben.Post("/moderation/appeals", apptest.JSON{"text": "Once more."}).Refused(t, "not_allowed")
}
