package routes_test

import (
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"carecollective/collections"
	"carecollective/internal/apptest"
)

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

func TestAHeldMessageNeverWaitsOnOnceItIsDecided(t *testing.T) {
	t.Parallel()
	for action, want := range map[string]string{
		"approve": "approved", "dismiss": "approved", "pre_approve": "approved",
		"hide": "hidden", "remove": "removed", "warn": "hidden", "enforce": "hidden",
	} {
		q := newQuarrel(t)
		moderator := q.w.Moderator("Mo")
		q.w.Stands(q.ben, apptest.JSON{"requires_pre_approval": true})
		held := q.write(t, "wait for it")
		item := moderator.Get("/moderation/queue").Want(t, 200).Text("items.0.id")
		moderator.Post("/moderation/queue/"+item+"/resolve", apptest.JSON{"action": action, "note": "so"}).Want(t, 200)
		own := q.ben.Get("/collections/messages/records/"+held).Want(t, 200)
		hers := q.ana.Get("/collections/messages/records/" + held)
		if own.Text("moderation_status") != want || own.Text("content") != "wait for it" || (hers.Status == 200) != (want == "approved") {
			t.Errorf("after %s its sender sees %s, the other %d", action, own.Raw, hers.Status)
		}
		if want == "approved" {
			continue
		}
		for range q.ben.Get("/messaging/standing").List("decisions") {
			appealed(t, q.ben, moderator, "overturned")
		}
		if content(q.ana, held) != "wait for it" {
			t.Errorf("after %s was overturned the other reads nothing", action)
		}
	}
}

func TestAHeldMessageReachesNobodyWhereItsConversationIsOver(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t)
	moderator := q.w.Moderator("Mo")
	q.w.Stands(q.ben, apptest.JSON{"requires_pre_approval": true})
	held := q.write(t, "too late")
	q.ana.Post("/conversations/"+q.conversation+"/close", nil).Want(t, 200)
	item := moderator.Get("/moderation/queue").Want(t, 200).Text("items.0.id")
	moderator.Post("/moderation/queue/"+item+"/resolve", apptest.JSON{"action": "approve"}).Want(t, 200)
	q.ana.Get("/collections/messages/records/"+held).Want(t, 404)
	q.ben.Get("/collections/messages/records/"+held).Want(t, 200)
}

func TestADeletedHeldMessageIsJustClosed(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t)
	moderator := q.w.Moderator("Mo")
	q.w.Stands(q.ben, apptest.JSON{"requires_pre_approval": true})
	held := q.write(t, "thought better of it")
	q.ben.Delete("/collections/messages/records/"+held).Want(t, 204)
	item := moderator.Get("/moderation/queue").Want(t, 200).Text("items.0.id")
	moderator.Post("/moderation/queue/"+item+"/resolve", apptest.JSON{"action": "approve"}).Want(t, 200)
	q.ana.Get("/collections/messages/records/"+held).Want(t, 404)
}

func TestABanIsFeltAtOnceAndEverywhere(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t, "vile")
	stream := q.ben.Listen("messages/*")
	moderator := q.w.Moderator("Mo")
	resolve(moderator, q.report(t, q.messages[0]), "ban").Want(t, 200)
	q.ben.Get("/collections/messages/records").Refused(t, "account_banned")
	q.ben.Post("/conversations/"+q.conversation+"/messages", apptest.JSON{"content": "still here"}).Refused(t, "account_banned")
	stream.Ended()
	q.ben.Post("/moderation/appeals", apptest.JSON{"text": "Please."}).Want(t, 201)
	q.ben.Get("/moderation/queue").Refused(t, "account_banned")
}

func TestASecondModeratorSeesWhatTheFirstProposed(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t, "vile")
	one, two := q.w.Moderator("Mo"), q.w.Moderator("Max")
	report := q.report(t, q.messages[0])
	resolve(one, report, "ban").Want(t, 202)
	if queue := two.Get("/moderation/queue").Want(t, 200); queue.Text("items.0.proposed") != "ban" || queue.Text("items.0.note") != "as decided" {
		t.Errorf("the second sees %s", queue.Raw)
	}
	if told := two.Get("/collections/notifications/records?sort=-created_at").Want(t, 200); told.Text("items.0.type") != "moderation_case" || told.Number("totalItems") != 2 {
		t.Errorf("the second is told %s", told.Raw)
	}
	resolve(two, report, "warn").Want(t, 200) // they see it otherwise
	if standing := q.ben.Get("/messaging/standing"); standing.Text("level") != "none" {
		t.Errorf("what stands is %s", standing.Raw)
	}
	appeal := q.ben.Post("/moderation/appeals", apptest.JSON{"text": "No."}).Want(t, 201).Text("appeal.id")
	three := q.w.Moderator("Mia")
	for _, acted := range []*apptest.Person{one, two} {
		acted.Post("/moderation/appeals/"+appeal+"/decide", apptest.JSON{"outcome": "upheld"}).Refused(t, "same_moderator")
	}
	three.Post("/moderation/appeals/"+appeal+"/decide", apptest.JSON{"outcome": "upheld"}).Want(t, 200)
}

func TestNothingButABanIsPermanent(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t, "vile")
	one := q.w.Moderator("Mo")
	q.w.Moderator("Max")
	report := q.report(t, q.messages[0])
	for _, action := range []string{"limit", "suspend"} {
		one.Post("/moderation/reports/"+report+"/resolve", apptest.JSON{"action": action, "note": "", "days": 366}).Want(t, 400)
	}
	one.Post("/moderation/users/"+q.ben.ID+"/restrict", apptest.JSON{"level": "suspended", "reason": "so", "days": 366}).Want(t, 400)
	one.Post("/moderation/users/"+q.ben.ID+"/restrict", apptest.JSON{"level": "banned", "reason": "so", "days": 366}).Want(t, 202)
	if answer := resolve(one, report, "limit").Want(t, 200); answer.Text("standing.restricted_until") == "" {
		t.Errorf("it has no end: %s", answer.Raw)
	}
}

func TestFiftyModeratorsAtOnceActOnceEach(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t, "one", "two", "three", "four", "five")
	for _, m := range q.messages {
		q.report(t, m)
	}
	queue := q.w.Moderator("Mo").Get("/moderation/queue").Want(t, 200)
	var all sync.WaitGroup
	var claimed, resolved, refused atomic.Int32
	for i := range 50 {
		moderator := q.w.Moderator(fmt.Sprint("Mo", i))
		item := "/moderation/queue/" + queue.Text(fmt.Sprintf("items.%d.id", i%5))
		all.Go(func() {
			mine := moderator.Post(item+"/claim", nil).Status == http.StatusOK
			answer := moderator.Post(item+"/resolve", apptest.JSON{"action": "warn", "note": "as decided"})
			switch {
			case answer.Status == http.StatusOK && mine:
				resolved.Add(1)
			case answer.Status == http.StatusConflict && !mine:
				refused.Add(1)
			default:
				t.Errorf("answered %s, claimed: %v", answer.Raw, mine)
			}
			if mine {
				claimed.Add(1)
			}
		})
	}
	all.Wait()
	if n := len(penalties(t, q.w)); n != 5 || claimed.Load() != 5 || resolved.Load() != 5 || refused.Load() != 45 {
		t.Errorf("%d penalties, %d claims, %d decisions, %d refusals", n, claimed.Load(), resolved.Load(), refused.Load())
	}
	if log, err := collections.VerifyAudit(q.w.App); err != nil || log.Entries == 0 {
		t.Errorf("the chain: %v %v", log, err)
	}
}
