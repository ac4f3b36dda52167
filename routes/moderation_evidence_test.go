package routes_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

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

func TestAFlaggedMessageIsShownAsItWasWithWhatCameBeforeIt(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t, "one", "two", "three", "four")
	q.ana.Says(t, q.conversation, "five")
	flagged := q.write(t, dubious)
	record := "/collections/messages/records/" + flagged
	q.ben.Patch(record, apptest.JSON{"content": "something nice"}).Want(t, 200)
	q.ben.Delete(record).Want(t, 204)

	moderator := q.w.Moderator("Mo")
	queue := queued(t, moderator, 1)
	if queue.Text("items.0.message.content") != dubious || queue.Text("items.0.message.edits.0.content") != "something nice" ||
		queue.At("items.0.message.deleted") != true || queue.At("items.0.report") != nil {
		t.Errorf("the moderators see %s", queue.Raw)
	}
	if context := queue.List("items.0.context"); len(context) != 5 || apptest.At(context, "4.content") != "five" || strings.Contains(queue.Raw, "I can help.") {
		t.Errorf("what came before is %v", context)
	}
	looks, err := q.w.App.FindRecordsByFilter("message_audit_log", "action_type = 'viewed_by_moderator'", "", 0, 0)
	if err != nil || len(looks) != 1 || looks[0].GetString("message") != flagged || looks[0].GetString("user") != moderator.ID {
		t.Errorf("the looks on record are %v: %v", looks, err)
	}
	if stored := q.w.Row("moderation_cases", queue.Text("items.0.id")).GetString("evidence_sealed"); stored == "" || strings.Contains(stored, "nice") {
		t.Errorf("the evidence is stored as %q", stored)
	}
}

func TestTheEvidenceOfAFlagDiesNinetyDaysAfterItsCase(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t)
	moderator := q.w.Moderator("Mo")
	q.write(t, dubious)
	id := queued(t, moderator, 1).Text("items.0.id")
	later(t, q.w)
	decide(moderator, id, "approve").Want(t, 200)
	decided := func() apptest.Answer { return moderator.Get("/moderation/queue?status=resolved").Want(t, 200) }
	kept := q.w.Row("moderation_cases", id).GetString("evidence_sealed")
	q.w.Change("moderation_cases", id, apptest.JSON{"resolved_at": daysAgo(89)})
	if later(t, q.w); decided().Text("items.0.message.content") != dubious {
		t.Fatalf("the evidence is gone too early: %s", decided().Raw)
	}
	q.w.Change("moderation_cases", id, apptest.JSON{"resolved_at": daysAgo(91)})
	later(t, q.w)
	if q.w.Row("moderation_cases", id).GetString("evidence_sealed") != "" || decided().At("items.0.message") != nil {
		t.Errorf("the evidence is still there: %s", decided().Raw)
	}
	q.w.Change("moderation_cases", id, apptest.JSON{"evidence_sealed": kept}) // someone who kept a copy of the column
	if decided().At("items.0.message") != nil {
		t.Errorf("the key is still there: %s", decided().Raw)
	}
}

func TestAFlagFromBeforeEvidenceWasKeptShowsItsMessageWhileItWaits(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t)
	moderator := q.w.Moderator("Mo")
	q.write(t, dubious)
	id := caseOf(t, q.w)
	q.w.Change("moderation_cases", id, apptest.JSON{"evidence_sealed": ""})
	if queue := queued(t, moderator, 1); queue.Text("items.0.message.content") != dubious {
		t.Errorf("the moderators see %s", queue.Raw)
	}
	decide(moderator, id, "dismiss").Want(t, 200)
	if queue := moderator.Get("/moderation/queue?status=resolved").Want(t, 200); queue.At("items.0.message") != nil {
		t.Errorf("a decided case shows %s", queue.Raw)
	}
}

func TestWhatMembersShowOfThemselvesIsFlaggedWithItsText(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana, ben, moderator := w.Member("Ana"), w.Member("Ben"), w.Moderator("Mo")
	w.Prefers(ana, apptest.JSON{"can_receive_from": "anyone"})
	profile := "/collections/users/records/" + ben.ID
	for _, bio := range []string{dubious, dubious + "/again", "I like gardens."} {
		ben.Patch(profile, apptest.JSON{"bio": bio}).Want(t, 200)
	}
	ben.Post("/collections/help_requests/records", apptest.JSON{"title": "A form", "description": dubious}).Want(t, 200)
	ben.Post("/conversations", apptest.JSON{"participant_ids": []string{ana.ID}, "title": dubious, "initial_message": "Welcome"}).Want(t, 201)

	queue := queued(t, moderator, 3)
	for i, want := range []struct{ kind, field string }{{"user", "bio"}, {"help_request", "description"}, {"conversation", "title"}} {
		item := fmt.Sprintf("items.%d.", i)
		if queue.Text(item+"flag.subject_type") != want.kind || queue.Text(item+"subject."+want.field) != dubious ||
			queue.Text(item+"flag.reason") != want.field+": suspicious_link" || queue.Text(item+"reported.id") != ben.ID {
			t.Errorf("item %d is %v", i, queue.At(item[:len(item)-1]))
		}
	}
	if queue.Text("items.0.later.0.bio") != dubious+"/again" {
		t.Errorf("what was flagged since is %v", queue.At("items.0.later"))
	}
	looks, err := w.App.FindRecordsByFilter("message_audit_log", "action_type = 'viewed_by_moderator' && user = {:moderator}", "", 0, 0, map[string]any{"moderator": moderator.ID})
	if err != nil || len(looks) != 3 {
		t.Errorf("%d looks are on record: %v", len(looks), err)
	}
}

func TestManyEditsNeitherFillTheEvidenceNorPushTheFirstOut(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t, "vile")
	q.report(t, q.messages[0])
	long := strings.Repeat("ä", 900)
	for i := range 30 {
		q.ben.Patch("/collections/messages/records/"+q.messages[0], apptest.JSON{"content": fmt.Sprint(long, i)}).Want(t, 200)
	}
	edits := queued(t, q.w.Moderator("Mo"), 1).List("items.0.message.edits")
	if len(edits) != 20 || apptest.At(edits, "0.content") != long+"0" || apptest.At(edits, "19.content") != long+"29" {
		t.Errorf("%d edits are kept: %v", len(edits), edits)
	}
}

func TestAHeldMessageIsNotLetThroughUnread(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t)
	moderator := q.w.Moderator("Mo")
	q.w.Stands(q.ben, apptest.JSON{"requires_pre_approval": true})
	held := "/collections/messages/records/" + q.write(t, "something nice")
	queue := queued(t, moderator, 1)
	id := queue.Text("items.0.id")
	if context := queue.List("items.0.context"); len(context) != 1 || apptest.At(context, "0.content") != "I can help." {
		t.Errorf("what came before is %v", context)
	}
	q.ben.Patch(held, apptest.JSON{"content": "something vile"}).Want(t, 200)
	decide(moderator, id, "approve").Want(t, 409)
	if again := queued(t, moderator, 1); again.Text("items.0.message.edits.0.content") != "something vile" {
		t.Errorf("the moderators see %s", again.Raw)
	}
	decide(moderator, id, "approve").Want(t, 200)
	q.ben.Patch(held, apptest.JSON{"content": "something else"}).Refused(t, "not_allowed")
	if page := q.ana.Get("/conversations/"+q.conversation+"/messages").Want(t, 200); page.Text("messages.1.content") != "something vile" {
		t.Errorf("the other sees %s", page.Raw)
	}
}

func TestTheQueueKeepsWhatIsAboutOnePersonTogether(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana, moderator := w.Member("Ana"), w.Moderator("Mo")
	about := map[string]*apptest.Person{}
	for _, name := range []string{"Ben", "Cleo", "Dan"} {
		about[name] = w.Member(name)
	}
	report := func(name, reason string) {
		conversation := ana.Meets(t, about[name])
		ana.Post("/messages/"+about[name].Says(t, conversation, reason)+"/report", apptest.JSON{"reason": reason}).Want(t, 201)
	}
	report("Ben", "spam")
	report("Cleo", "other")
	report("Dan", "scam")
	report("Ben", "other")
	report("Cleo", "harassment")
	order := func(path string) (order string) {
		for _, item := range moderator.Get(path).Want(t, 200).List("items") {
			order += fmt.Sprint(apptest.At(item, "reported.name"), " ", apptest.At(item, "reason"), ", ")
		}
		return order
	}
	if got := order("/moderation/queue"); got != "Dan scam, Cleo harassment, Cleo other, Ben spam, Ben other, " {
		t.Errorf("the order is %s", got)
	}
	if got := order("/moderation/queue?limit=2&page=2"); got != "Cleo other, Ben spam, " {
		t.Errorf("the second page is %s", got)
	}
}

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

func TestWhoModeratesNoMoreIsNotHalfOfABan(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t, "vile")
	one, two, three := q.w.Moderator("Mo"), q.w.Moderator("Max"), q.w.Moderator("Mia")
	report := q.report(t, q.messages[0])
	resolve(one, report, "ban").Want(t, 202)
	q.w.Change("users", one.ID, apptest.JSON{"role": "member"})
	resolve(two, report, "ban").Want(t, 202)
	ban := apptest.JSON{"action": "ban", "note": "for a week", "days": 7}
	three.Post("/moderation/reports/"+report+"/resolve", ban).Want(t, 202) // which is not the same
	q.ben.Get("/conversations").Want(t, 200)
	two.Post("/moderation/reports/"+report+"/resolve", ban).Want(t, 200)
	q.ben.Get("/conversations").Refused(t, "account_banned")
}

func TestMetricsTellWhatHappenedAndHowItChanged(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t, "vile", dubious)
	one, two := q.w.Moderator("Mo"), q.w.Moderator("Max")
	flag := queued(t, one, 1).Text("items.0.id")
	decide(one, flag, "approve").Want(t, 200)
	resolve(one, q.report(t, q.messages[0]), "suspend").Want(t, 200)
	appealed(t, q.ben, two, "overturned")
	one.Post("/users/"+two.ID+"/report", apptest.JSON{"reason": "spam"}).Want(t, 201)

	metrics := two.Get("/moderation/metrics?days=30").Want(t, 200)
	for path, want := range map[string]int{
		"days": 30, "metrics.reports": 1, "metrics.pending": 0, "metrics.false_positive_rate": 1, "metrics.appeals": 1, "metrics.appeals_overturned": 1,
		"metrics.mean_trust_score": 75, "metrics.messages": 3, "metrics.messages_today": 3, "metrics.active_conversations": 1, "metrics.help_connections": 1,
		"daily.29.messages": 3, "daily.29.active_conversations": 1, "daily.29.reports": 1, "daily.29.help_connections": 1, "daily.28.messages": 0, "daily.0.messages": 0,
		"before.messages": 0, "change.messages": 3, "change.reports": 1, "change.false_positive_rate": 1,
	} {
		if got := metrics.Number(path); got != want {
			t.Errorf("%s is %d, want %d", path, got, want)
		}
	}
	var happened []string
	for _, activity := range metrics.List("metrics.recent") {
		happened = append(happened, fmt.Sprint(apptest.At(activity, "what"), " ", apptest.At(activity, "kind"), " ", apptest.At(activity, "action")))
	}
	if got := strings.Join(happened, ", "); got != "answered report overturned, appealed report , decided report suspend, opened report , decided flag approve, opened flag " {
		t.Errorf("what happened is %s", got)
	}
	for _, private := range []string{q.ben.ID, q.ana.ID, one.ID, "vile", "by_reason\":{\"harassment"} {
		if strings.Contains(metrics.Raw, private) {
			t.Errorf("the metrics tell %q: %s", private, metrics.Raw)
		}
	}
	for _, p := range penalties(t, q.w) {
		q.w.Change("moderation_penalties", p.Id, apptest.JSON{"undone_at": "", "starts_at": time.Now().AddDate(0, 0, -10)})
	}
	if metrics := two.Get("/moderation/metrics").Want(t, 200); metrics.At("metrics.mean_trust_score") != 72.5 || metrics.Number("before.mean_trust_score") != 0 {
		t.Errorf("the trust is %s", metrics.Raw)
	}
}
