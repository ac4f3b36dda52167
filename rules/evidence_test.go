package rules_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"carecollective/internal/apptest"
	"carecollective/server"
)

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

func TestEvidenceDiesNinetyDaysAfterItsCase(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t, "vile")
	mo, max := q.w.Moderator("Mo"), q.w.Moderator("Max")
	report := q.report(t, q.messages[0])
	later(t, q.w)
	resolve(mo, report, "suspend").Want(t, 200)
	appeal := q.ben.Post("/moderation/appeals", apptest.JSON{"text": "No."}).Want(t, 201).Text("appeal.id")
	sealed := func() string {
		row := q.w.Row("message_reports", report)
		return row.GetString("evidence_sealed") + row.GetString("description_sealed")
	}
	closed := func(at time.Time) {
		q.w.Change("moderation_cases", caseOf(t, q.w), apptest.JSON{"resolved_at": at})
		later(t, q.w)
	}
	if closed(daysAgo(91)); sealed() == "" {
		t.Fatal("the evidence is gone while an appeal waits")
	}
	max.Post("/moderation/appeals/"+appeal+"/decide", apptest.JSON{"outcome": "upheld"}).Want(t, 200)
	if closed(daysAgo(89)); sealed() == "" {
		t.Fatal("the evidence is gone too early")
	}
	kept := sealed()
	if closed(daysAgo(91)); sealed() != "" {
		t.Fatal("the evidence is still there")
	}
	queue := mo.Get("/moderation/queue?status=action_taken").Want(t, 200)
	if queue.At("items.0.message") != nil || queue.Text("items.0.report.description") != "" || queue.Text("items.0.action") != "suspend" {
		t.Errorf("the moderators still see %s", queue.Raw)
	}
	q.w.Change("message_reports", report, apptest.JSON{"evidence_sealed": kept}) // someone who kept a copy of the column
	if queue := mo.Get("/moderation/queue?status=resolved").Want(t, 200); queue.At("items.0.message") != nil {
		t.Errorf("the key is still there: %s", queue.Raw)
	}
}

func TestWhatWasRemovedIsKeptUntilNobodyCanAppealAnyMore(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t, "vile")
	mo, max := q.w.Moderator("Mo"), q.w.Moderator("Max")
	resolve(mo, q.report(t, q.messages[0]), "remove").Want(t, 200)
	appeal := q.ben.Post("/moderation/appeals", apptest.JSON{"text": "No."}).Want(t, 201).Text("appeal.id")
	aged := func(n int) string {
		q.w.Change("messages", q.messages[0], apptest.JSON{"changed_at": daysAgo(n)})
		later(t, q.w)
		return q.w.Row("messages", q.messages[0]).GetString("content_sealed")
	}
	if aged(31) == "" {
		t.Fatal("the text is gone while an appeal waits")
	}
	max.Post("/moderation/appeals/"+appeal+"/decide", apptest.JSON{"outcome": "upheld"}).Want(t, 200)
	if aged(29) == "" {
		t.Fatal("the text is gone too early")
	}
	if aged(31) != "" {
		t.Fatal("the text is still there")
	}
	if own := q.ben.Get("/collections/messages/records/"+q.messages[0]).Want(t, 200); own.Text("content") != "" || own.Text("moderation_status") != "removed" {
		t.Errorf("its sender sees %s", own.Raw)
	}
}
