package rules_test

import (
	"strings"
	"testing"

	"carecollective/internal/apptest"
	"carecollective/server"
)

func TestTheReporterSeesThatSomebodyLooksIntoIt(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t, "vile")
	moderator := q.w.Moderator("Mo")
	report := q.report(t, q.messages[0])
	status := func() string {
		return q.ana.Get("/collections/message_reports/records/"+report).Want(t, 200).Text("status")
	}
	id := queued(t, moderator, 1).Text("items.0.id")
	if status() != "pending" || moderator.Get("/moderation/queue?status=reviewed").Number("pagination.total") != 0 {
		t.Error("a list of the queue counts as looking into it")
	}
	moderator.Post("/moderation/queue/"+id+"/claim", nil).Want(t, 200)
	if status() != "reviewed" || moderator.Get("/moderation/queue?status=reviewed").Number("pagination.total") != 1 {
		t.Errorf("the report is %s", status())
	}
	q.ben.Patch("/collections/messages/records/"+q.messages[0], apptest.JSON{"content": "nice"}).Want(t, 200)
	if queue := queued(t, moderator, 1); queue.Text("items.0.message.edits.0.content") != "nice" {
		t.Errorf("an edit while somebody looks is lost: %s", queue.Raw)
	}
	resolve(moderator, report, "dismiss").Want(t, 200)
	if status() != "dismissed" {
		t.Errorf("the report is %s", status())
	}
}

func TestTheReporterLearnsThatADecisionWasTakenBack(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t, "vile")
	one, two := q.w.Moderator("Mo"), q.w.Moderator("Max")
	resolve(one, q.report(t, q.messages[0]), "suspend").Want(t, 200)
	appeal := q.ben.Post("/moderation/appeals", apptest.JSON{"text": "No."}).Want(t, 201).Text("appeal.id")
	two.Post("/moderation/appeals/"+appeal+"/decide", apptest.JSON{"outcome": "overturned", "note": "Ben is right"}).Want(t, 200)
	told := q.ana.Get("/collections/notifications/records?sort=-created_at").Want(t, 200)
	if told.Number("totalItems") != 2 || told.Text("items.0.title") != "Your report was looked at again" || told.Text("items.0.type") != "report_resolved" {
		t.Errorf("the reporter is told %s", told.Raw)
	}
	for _, name := range []string{"Ben", q.ben.ID, one.ID, two.ID, appeal} {
		if strings.Contains(told.Raw, name) {
			t.Errorf("the reporter is told %q: %s", name, told.Raw)
		}
	}
}

// seen is everything that a member can read of a conversation, of their standing and of what they were told.
func seen(p *apptest.Person, conversation, message string) string {
	var all strings.Builder
	for _, path := range []string{
		"/conversations", "/conversations/" + conversation, "/conversations/" + conversation + "/messages?changed_since=2020-01-01",
		"/collections/conversation_participants/records?sort=id", "/collections/conversations/records/" + conversation, "/collections/messages/records/" + message,
		"/collections/notifications/records", "/collections/message_reports/records", "/collections/moderation_appeals/records",
		"/collections/user_moderation/records", "/collections/moderation_cases/records", "/collections/moderation_penalties/records",
		"/collections/message_audit_log/records", "/messaging/standing", "/collections/users/records/" + p.ID,
	} {
		all.WriteString(path + " " + p.Get(path).Raw + "\n")
	}
	return all.String()
}

func TestNothingThatTheReportedCanReadTellsOfAReport(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t, "vile")
	stranger, moderator := q.w.Member("Cleo"), q.w.Moderator("Mo")
	q.ben.Put("/messages/"+q.messages[0]+"/read", nil).Want(t, 200) // so that looking at it later delivers nothing new
	before := seen(q.ben, q.conversation, q.messages[0])
	hears := q.ben.Listen("messages/*", "notifications/*")
	report := q.report(t, q.messages[0])
	q.ana.Post("/users/"+q.ben.ID+"/report", apptest.JSON{"reason": "scam"}).Want(t, 201)
	q.ana.Post("/conversations/"+q.conversation+"/report", apptest.JSON{"reason": "spam"}).Want(t, 201)
	if after := seen(q.ben, q.conversation, q.messages[0]); after != before {
		t.Errorf("the reported sees\n%s\nbefore\n%s", after, before)
	}
	q.ana.Says(t, q.conversation, "the first that is heard")
	if e := hears.Want("messages/*"); e.Text("record.content") != "the first that is heard" {
		t.Errorf("the reported hears %s", e.Raw)
	}
	for name, p := range map[string]*apptest.Person{"the reported": q.ben, "a stranger": stranger, "a moderator": moderator} {
		p.Get("/collections/message_reports/records/"+report).Want(t, 404)
		if rows := p.Get("/collections/message_reports/records").Want(t, 200); len(rows.List("items")) != 0 {
			t.Errorf("%s lists %s", name, rows.Raw)
		}
		if name != "the reported" {
			p.Get("/conversations/"+q.conversation).Want(t, 404)
			p.Get("/collections/messages/records/"+q.messages[0]).Want(t, 404)
		}
	}
	queue := moderator.Get("/moderation/queue").Want(t, 200)
	if queue.Number("pagination.total") != 3 || queue.Number("items.0.open_cases") != 3 || queue.Text("items.2.message.content") != "I can help." || queue.At("items.2.message.deleted") != false {
		t.Errorf("the queue is %s", queue.Raw)
	}
	resolve(moderator, report, "warn").Want(t, 200)
	for _, path := range []string{"/collections/notifications/records", "/messaging/standing"} {
		if told := q.ben.Get(path).Want(t, 200); strings.Contains(told.Raw, q.ana.ID) || strings.Contains(told.Raw, report) {
			t.Errorf("the decision names the reporter: %s", told.Raw)
		}
	}
}

func TestABlockerReportsWhatTheyStillSee(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t, "vile")
	q.ana.Post("/conversations/"+q.conversation+"/block", nil).Want(t, 200)
	q.ben.Patch("/collections/messages/records/"+q.messages[0], apptest.JSON{"content": "nice"}).Want(t, 200)
	q.report(t, q.messages[0])
	queue := q.w.Moderator("Mo").Get("/moderation/queue").Want(t, 200)
	if queue.Text("items.0.message.content") != "vile" || queue.Text("items.0.message.edits.0.content") != "nice" {
		t.Fatalf("the moderators see %s", queue.Raw)
	}
}

func TestReportsThatWereFoundRightMakeSomebodyUnavailable(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ben, dan, moderator, second := w.Member("Ben"), w.Member("Dan"), w.Moderator("Mo"), w.Moderator("Max")
	w.Prefers(dan, apptest.JSON{"can_receive_from": "anyone", "report_threshold": 2})
	var reports []string
	for _, name := range []string{"Ana", "Cleo", "Eve"} {
		reporter := w.Member(name)
		conversation := ben.Asks(t, reporter, "Hello "+name)
		reports = append(reports, reporter.Post("/conversations/"+conversation+"/report", apptest.JSON{"reason": "spam"}).Want(t, 201).Text("report.id"))
	}
	outcome := func() string {
		return ben.Get("/messaging/permissions?recipient_id="+dan.ID).Want(t, 200).Text("outcome")
	}
	resolve(moderator, reports[0], "dismiss").Want(t, 200)
	resolve(moderator, reports[1], "warn").Want(t, 200)
	if outcome() != "request" {
		t.Error("one report that was found right is enough already")
	}
	resolve(moderator, reports[2], "warn").Want(t, 200)
	if outcome() != "refuse" {
		t.Error("two reports that were found right are not enough")
	}
	appeal := ben.Post("/moderation/appeals", apptest.JSON{"text": "Not so."}).Want(t, 201).Text("appeal.id")
	second.Post("/moderation/appeals/"+appeal+"/decide", apptest.JSON{"outcome": "overturned", "note": "right"}).Want(t, 200)
	if outcome() != "request" {
		t.Error("a report whose decision was overturned still counts")
	}
	if shown := moderator.Get("/moderation/users/"+ben.ID).Want(t, 200); shown.Number("standing.reports_verified") != 1 || shown.Number("standing.reports_received") != 3 || shown.Number("standing.trust_score") != 65 {
		t.Errorf("what is known of him: %s", shown.Raw)
	}
}

// gone takes a row away, as erasing and retention do.
func gone(t *testing.T, w *apptest.World, collection, id string) {
	t.Helper()
	if err := w.App.Delete(w.Row(collection, id)); err != nil {
		t.Fatalf("delete %s of %s: %v", id, collection, err)
	}
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
