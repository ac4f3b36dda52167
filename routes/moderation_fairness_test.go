package routes_test

import (
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/internal/apptest"
	"carecollective/server"
)

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

func TestEvidenceOutlivesEverythingThatItIsAbout(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t, "one", "vile")
	moderator := q.w.Moderator("Mo")
	report := q.report(t, q.messages[1])
	for _, id := range []string{q.messages[0], q.messages[1]} {
		gone(t, q.w, "messages", id)
	}
	gone(t, q.w, "conversations", q.conversation)
	gone(t, q.w, "users", q.ana.ID)
	queue := moderator.Get("/moderation/queue").Want(t, 200)
	if queue.Text("items.0.message.content") != "vile" || queue.Text("items.0.context.1.content") != "one" || queue.Text("items.0.report.description") != "He frightens me." {
		t.Fatalf("the moderators see %s", queue.Raw)
	}
	looks, err := q.w.App.FindRecordsByFilter("message_audit_log", "action_type = 'viewed_by_moderator'", "", 0, 0)
	if err != nil || len(looks) != 1 || looks[0].GetString("message") != q.messages[1] {
		t.Fatalf("the looks on record are %v: %v", looks, err)
	}
	gone(t, q.w, "users", q.ben.ID)
	resolve(moderator, report, "warn").Want(t, 400)
	resolve(moderator, report, "remove").Want(t, 200)
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

func TestWhatIsReportedBesideMessagesIsShownAsItWas(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t)
	request := q.ben.Post("/collections/help_requests/records", apptest.JSON{"title": "Send me money", "description": "Now"}).Want(t, 200).Text("id")
	q.ana.Post("/help_requests/"+request+"/report", apptest.JSON{"reason": "scam"}).Want(t, 201)
	q.ben.Delete("/collections/help_requests/records/"+request).Want(t, 204)
	if queue := q.w.Moderator("Mo").Get("/moderation/queue").Want(t, 200); queue.Text("items.0.subject.title") != "Send me money" {
		t.Fatalf("the moderators see %s", queue.Raw)
	}
}

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

func TestAClaimEndsWithTheRole(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t, "vile")
	report := q.report(t, q.messages[0])
	one, two := q.w.Moderator("Mo"), q.w.Moderator("Max")
	one.Post("/moderation/queue/"+one.Get("/moderation/queue").Text("items.0.id")+"/claim", nil).Want(t, 200)
	q.w.Change("users", one.ID, apptest.JSON{"role": "member"})
	resolve(two, report, "dismiss").Want(t, 200)
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

func TestStrikesFadeAndRestrictionsEndWhereverTheyAreShown(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ben, moderator, operator := w.Member("Ben"), w.Moderator("Mo"), w.Superuser()
	restricted := moderator.Post("/moderation/users/"+ben.ID+"/restrict", apptest.JSON{"level": "suspended", "reason": "insults", "days": 3}).Want(t, 200)
	if restricted.Number("standing.trust_score") != 65 {
		t.Fatalf("the strike counts nothing: %s", restricted.Raw)
	}
	row := restricted.Text("standing.id")
	for _, p := range penalties(t, w) {
		w.Change("moderation_penalties", p.Id, apptest.JSON{"starts_at": time.Now().AddDate(0, 0, -4), "ends_at": time.Now().AddDate(0, 0, -1)})
	}
	w.Change("user_moderation", row, apptest.JSON{"restricted_until": time.Now().AddDate(0, 0, -1)})
	for name, shown := range map[string]apptest.Answer{
		"the moderators": moderator.Get("/moderation/users/" + ben.ID), "the dashboard": operator.Get("/collections/user_moderation/records/" + row),
	} {
		level := shown.Text("standing.restriction_level") + shown.Text("restriction_level")
		if level != "none" || shown.Number("standing.trust_score")+shown.Number("trust_score") != 65 {
			t.Errorf("%s see %s", name, shown.Raw)
		}
	}
	for _, p := range penalties(t, w) {
		w.Change("moderation_penalties", p.Id, apptest.JSON{"starts_at": time.Now().AddDate(0, 0, -181)})
	}
	if shown := moderator.Get("/moderation/users/" + ben.ID); shown.Number("standing.trust_score") != 75 {
		t.Errorf("the strike has not faded: %s", shown.Raw)
	}
}

func penalties(t *testing.T, w *apptest.World) []*core.Record {
	t.Helper()
	rows, err := w.App.FindAllRecords("moderation_penalties")
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// gone takes a row away, as erasing and retention do.
func gone(t *testing.T, w *apptest.World, collection, id string) {
	t.Helper()
	if err := w.App.Delete(w.Row(collection, id)); err != nil {
		t.Fatalf("delete %s of %s: %v", id, collection, err)
	}
}
