package routes_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"carecollective/internal/apptest"
	"carecollective/server"
)

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

func TestAReportShowsTheModeratorsWhatWasSaidAndTheReportedNothing(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t, "one", "two", "three", "four", "five", "something vile")
	vile := q.messages[5]
	before := q.ben.Get("/collections/messages/records/" + vile).Raw
	report := q.report(t, vile)

	if again := q.ana.Post("/messages/"+vile+"/report", apptest.JSON{"reason": "spam"}).Want(t, 200); again.Text("report.id") != report {
		t.Fatalf("reporting again is another report: %s", again.Raw)
	}
	if after := q.ben.Get("/collections/messages/records/" + vile).Raw; after != before {
		t.Fatalf("the reported sees a difference: %s, before %s", after, before)
	}
	if hidden := q.ana.Get("/collections/messages/records/"+vile).Want(t, 200); hidden.Text("content") != "" {
		t.Fatalf("the reporter still reads it: %s", hidden.Raw)
	}
	q.ben.Patch("/collections/messages/records/"+vile, apptest.JSON{"content": "something nice"}).Want(t, 200)
	q.ben.Delete("/collections/messages/records/"+vile).Want(t, 204)

	moderator := q.w.Moderator("Mo")
	queue := moderator.Get("/moderation/queue").Want(t, 200)
	item := queue.At("items.0").(map[string]any)
	if apptest.At(item, "message.content") != "something vile" || apptest.At(item, "message.edits.0.content") != "something nice" ||
		apptest.At(item, "message.deleted") != true || apptest.At(item, "report.description") != "He frightens me." {
		t.Fatalf("the moderators see %s", queue.Raw)
	}
	if context := queue.List("items.0.context"); len(context) != 5 || apptest.At(context, "4.content") != "five" {
		t.Fatalf("what came before is %v", context)
	}
	if strings.Contains(queue.Raw, "I can help.") {
		t.Fatal("the moderators see more than five messages before it")
	}
	looks, err := q.w.App.FindAllRecords("message_audit_log")
	if err != nil {
		t.Fatal(err)
	}
	if last := looks[len(looks)-1]; last.GetString("action_type") != "viewed_by_moderator" || last.GetString("user") != moderator.ID {
		t.Fatalf("the look is not on record: %v", last)
	}
	for _, other := range []*apptest.Person{q.ana, q.ben} {
		other.Get("/moderation/queue").Refused(t, "moderators_only")
	}
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

func TestTheLadderIsClimbedStepByStep(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t, "one", "two", "three", "four")
	moderator := q.w.Moderator("Mo")
	for i, level := range []string{"none", "limited", "suspended", "banned"} {
		answer := resolve(moderator, q.report(t, q.messages[i]), "enforce").Want(t, 200)
		if answer.Text("standing.restriction_level") != level || answer.Number("standing.trust_score") != 65-10*i || answer.Text("report.status") != "action_taken" {
			t.Fatalf("step %d is %s", i+1, answer.Raw)
		}
		if until := answer.Text("standing.restricted_until"); (level == "limited" || level == "suspended") != (until != "") {
			t.Fatalf("step %d ends %q", i+1, until)
		}
	}
	q.ben.Get("/conversations").Refused(t, "account_banned")
	standing := q.ben.Get("/messaging/standing").Want(t, 200)
	if standing.Text("level") != "banned" || standing.Text("reason") != "as decided" {
		t.Fatalf("the standing is %s", standing.Raw)
	}
	if told := q.ana.Get("/collections/notifications/records?sort=created_at").Want(t, 200); len(told.List("items")) != 4 || told.Text("items.0.type") != "report_resolved" {
		t.Fatalf("the reporter is told %s", told.Raw)
	}
}

func TestABanTakesTwoModeratorsWhereThereAreTwo(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t, "vile")
	one, two := q.w.Moderator("Mo"), q.w.Moderator("Max")
	report := q.report(t, q.messages[0])
	if answer := resolve(one, report, "ban").Want(t, 202); answer.Text("awaiting") != "second_moderator" {
		t.Fatalf("the first is answered %s", answer.Raw)
	}
	resolve(one, report, "ban").Want(t, 202)
	q.ben.Get("/conversations").Want(t, 200)
	resolve(two, report, "ban").Want(t, 200)
	q.ben.Get("/conversations").Refused(t, "account_banned")

	cleo := q.w.Member("Cleo")
	ban := apptest.JSON{"level": "banned", "reason": "sells addresses"}
	one.Post("/moderation/users/"+cleo.ID+"/restrict", ban).Want(t, 202)
	cleo.Get("/conversations").Want(t, 200)
	two.Post("/moderation/users/"+cleo.ID+"/restrict", ban).Want(t, 200)
	cleo.Get("/conversations").Refused(t, "account_banned")
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

func TestAHiddenMessageIsATombstoneForTheOthersUntilItComesBack(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t, "vile")
	cleo := q.w.Member("Cleo")
	moderator := q.w.Moderator("Mo")
	q.w.Prefers(cleo, apptest.JSON{"can_receive_from": "anyone"})
	q.w.Prefers(q.ana, apptest.JSON{"can_receive_from": "anyone"})
	group := q.ben.Post("/conversations", apptest.JSON{"participant_ids": []string{q.ana.ID, cleo.ID}, "title": "Garden", "initial_message": "Welcome"}).Want(t, 201).Text("conversation.id")
	for _, member := range []*apptest.Person{q.ana, cleo} {
		member.Post("/conversations/"+group+"/accept", nil).Want(t, 200)
	}
	id := q.ben.Post("/conversations/"+group+"/messages", apptest.JSON{"content": "vile"}).Want(t, 201).Text("message.id")
	report := q.report(t, id)
	resolve(moderator, report, "hide").Want(t, 200)
	if seen := cleo.Get("/collections/messages/records/" + id); seen.Text("content") != "" || seen.Text("moderation_status") != "hidden" {
		t.Fatalf("the others see %s", seen.Raw)
	}
	if own := q.ben.Get("/collections/messages/records/" + id); own.Text("content") != "vile" || own.Text("moderation_status") != "hidden" {
		t.Fatalf("the sender sees %s", own.Raw)
	}
	q.ben.Patch("/collections/messages/records/"+id, apptest.JSON{"content": "changed"}).Refused(t, "not_allowed")
}

func TestAHeldMessageIsItsSendersAloneUntilItIsApproved(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t)
	moderator := q.w.Moderator("Mo")
	q.w.Stands(q.ben, apptest.JSON{"requires_pre_approval": true})
	held := q.write(t, "wait for it")
	if page := q.ben.Get("/conversations/"+q.conversation+"/messages").Want(t, 200); page.Text("messages.1.moderation_status") != "pending" || page.Number("messages.1.seq") != 0 {
		t.Fatalf("the sender sees %s", page.Raw)
	}
	if page := q.ana.Get("/conversations/"+q.conversation+"/messages").Want(t, 200); len(page.List("messages")) != 1 {
		t.Fatalf("the other sees %s", page.Raw)
	}
	queue := moderator.Get("/moderation/queue").Want(t, 200)
	if queue.Text("items.0.kind") != "held" || queue.Text("items.0.message.content") != "wait for it" {
		t.Fatalf("the queue holds %s", queue.Raw)
	}
	hers := q.ana.Listen("messages/*")
	moderator.Post("/moderation/queue/"+queue.Text("items.0.id")+"/resolve", apptest.JSON{"action": "approve", "note": ""}).Want(t, 200)
	if e := hers.Want("messages/*"); e.Text("action") != "create" || e.Text("record.id") != held || e.Text("record.content") != "wait for it" {
		t.Fatalf("the other hears %s", e.Raw)
	}
	if page := q.ana.Get("/conversations/"+q.conversation+"/messages").Want(t, 200); page.Number("messages.1.seq") != 2 || page.Text("messages.1.moderation_status") != "approved" {
		t.Fatalf("the other sees %s", page.Raw)
	}
}

func TestAStartUnderPreApprovalWaitsAsAWhole(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana, ben, moderator := w.Member("Ana"), w.Member("Ben"), w.Moderator("Mo")
	w.Prefers(ana, apptest.JSON{"can_receive_from": "anyone"})
	w.Stands(ben, apptest.JSON{"requires_pre_approval": true})
	id := ben.Post("/conversations", apptest.JSON{"recipient_id": ana.ID, "initial_message": "Hello"}).Want(t, 201).Text("conversation.id")
	ana.Get("/conversations/"+id).Want(t, 404)
	queue := moderator.Get("/moderation/queue").Want(t, 200)
	moderator.Post("/moderation/queue/"+queue.Text("items.0.id")+"/resolve", apptest.JSON{"action": "pre_approve", "note": ""}).Want(t, 200)
	if seen := ana.Get("/conversations/"+id).Want(t, 200); seen.Text("conversation.consent") != "pending" || seen.Text("conversation.last_message.content") != "Hello" {
		t.Fatalf("who was asked sees %s", seen.Raw)
	}
	ana.Post("/conversations/"+id+"/accept", nil).Want(t, 200)
	ben.Post("/conversations/"+id+"/messages", apptest.JSON{"content": "Thanks"}).Want(t, 201)
	if page := ana.Get("/conversations/"+id+"/messages").Want(t, 200); len(page.List("messages")) != 1 {
		t.Fatalf("the next one was not held: %s", page.Raw)
	}
}

func TestAStandingSetInTheDashboardIsAPenaltyLikeAnyOther(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ben, operator, moderator := w.Member("Ben"), w.Superuser(), w.Moderator("Mo")
	row, err := w.App.FindFirstRecordByData("user_moderation", "user", ben.ID)
	if err != nil {
		t.Fatal(err)
	}
	operator.Patch("/collections/user_moderation/records/"+row.Id, apptest.JSON{"restriction_level": "suspended", "reason": "by hand"}).Want(t, 200)
	if history := moderator.Get("/moderation/users/"+ben.ID).Want(t, 200); history.Text("history.0.level") != "suspended" || history.Text("standing.restriction_level") != "suspended" {
		t.Fatalf("the history is %s", history.Raw)
	}
	appeal := ben.Post("/moderation/appeals", apptest.JSON{"text": "Why?"}).Want(t, 201).Text("appeal.id")
	moderator.Post("/moderation/appeals/"+appeal+"/decide", apptest.JSON{"outcome": "overturned", "note": ""}).Want(t, 200)
	if standing := ben.Get("/messaging/standing").Want(t, 200); standing.Text("level") != "none" {
		t.Fatalf("what stands is %s", standing.Raw)
	}
}

func TestLiftingTakesEveryPenaltyBack(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ben, moderator := w.Member("Ben"), w.Moderator("Mo")
	limit := apptest.JSON{"level": "limited", "days": 3, "reason": "too many requests"}
	if answer := moderator.Post("/moderation/users/"+ben.ID+"/restrict", limit).Want(t, 200); answer.Text("standing.restriction_level") != "limited" || answer.Text("standing.restricted_until") == "" {
		t.Fatalf("the restriction is %s", answer.Raw)
	}
	ben.Post("/conversations", apptest.JSON{"recipient_id": moderator.ID, "initial_message": "hi"}).Refused(t, "account_limited")
	moderator.Post("/moderation/users/"+ben.ID+"/lift", apptest.JSON{"note": "talked to him"}).Want(t, 200)
	if standing := ben.Get("/messaging/standing").Want(t, 200); standing.Text("level") != "none" {
		t.Fatalf("what stands is %s", standing.Raw)
	}
	moderator.Post("/moderation/users/"+moderator.ID+"/restrict", limit).Refused(t, "not_allowed")
	ben.Post("/moderation/users/"+moderator.ID+"/restrict", limit).Refused(t, "moderators_only")
}

func TestParallelModeratorsActOnce(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t, "vile")
	report := q.report(t, q.messages[0])
	var moderators []*apptest.Person
	for i := range 10 {
		moderators = append(moderators, q.w.Moderator(fmt.Sprint("Mo", i)))
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	statuses := map[int]int{}
	for _, m := range moderators {
		wg.Go(func() {
			answer := resolve(m, report, "warn")
			mu.Lock()
			defer mu.Unlock()
			statuses[answer.Status]++
		})
	}
	wg.Wait()
	if statuses[http.StatusOK] != 1 || statuses[http.StatusConflict] != 9 {
		t.Fatalf("the answers are %v", statuses)
	}
	if n, err := q.w.App.CountRecords("moderation_penalties"); err != nil || n != 1 {
		t.Fatalf("there are %d penalties: %v", n, err)
	}
}

func TestAClaimKeepsOthersOut(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t, "vile")
	report := q.report(t, q.messages[0])
	one, two := q.w.Moderator("Mo"), q.w.Moderator("Max")
	path := "/moderation/queue/" + one.Get("/moderation/queue").Text("items.0.id") + "/claim"
	one.Post(path, nil).Want(t, 200)
	one.Post(path, nil).Want(t, 200)
	two.Post(path, nil).Want(t, 409)
	resolve(two, report, "dismiss").Want(t, 409)
	if answer := resolve(one, report, "dismiss").Want(t, 200); answer.Text("report.status") != "dismissed" {
		t.Fatalf("the report is %s", answer.Raw)
	}
}

func TestReportsAreLimitedAndJudged(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t, "vile")
	q.w.Settings(apptest.JSON{"reports_per_hour": 1})
	path := "/messages/" + q.messages[0] + "/report"
	q.ana.Post(path, apptest.JSON{"reason": "because"}).Want(t, 400)
	q.ana.Post(path, apptest.JSON{"reason": "spam", "description": strings.Repeat("x", 1001)}).Want(t, 400)
	q.ben.Post(path, apptest.JSON{"reason": "spam"}).Refused(t, "not_allowed")
	q.w.Member("Cleo").Post(path, apptest.JSON{"reason": "spam"}).Want(t, 404)
	q.ana.Post(path, apptest.JSON{"reason": "spam"}).Want(t, 201)
	q.ana.Post("/users/"+q.ben.ID+"/report", apptest.JSON{"reason": "spam"}).Refused(t, "rate_limited")
	q.ana.Post(path, apptest.JSON{"reason": "spam"}).Want(t, 200)
}

func TestMetricsCountWhatHappened(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t, "vile")
	moderator := q.w.Moderator("Mo")
	resolve(moderator, q.report(t, q.messages[0]), "warn").Want(t, 200)
	metrics := moderator.Get("/moderation/metrics").Want(t, 200)
	if metrics.Number("metrics.messages") != 2 || metrics.Number("metrics.reports") != 1 || metrics.Number("metrics.help_connections") != 1 || metrics.Number("before.messages") != 0 {
		t.Fatalf("the metrics are %s", metrics.Raw)
	}
	q.ana.Get("/moderation/metrics").Refused(t, "moderators_only")
}

func TestARequestOfTheBannedCanNoLongerBeAccepted(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana, ben, moderator := w.Member("Ana"), w.Member("Ben"), w.Moderator("Mo")
	w.Prefers(ana, apptest.JSON{"can_receive_from": "anyone"})
	id := ben.Post("/conversations", apptest.JSON{"recipient_id": ana.ID, "initial_message": "Hello"}).Want(t, 201).Text("conversation.id")
	moderator.Post("/moderation/users/"+ben.ID+"/restrict", apptest.JSON{"level": "banned", "reason": "sells addresses"}).Want(t, 200)
	ana.Post("/conversations/"+id+"/accept", nil).Refused(t, "conversation_closed")
}
