package routes_test

import (
	"testing"
	"time"

	"carecollective/internal/apptest"
	"carecollective/server"
)

// later runs the job that keeps the promises of moderation.
func later(t *testing.T, w *apptest.World) {
	t.Helper()
	for _, job := range w.App.Cron().Jobs() {
		if job.Id() == "collective.moderation" {
			job.Run()
			return
		}
	}
	t.Fatal("there is no such job")
}

func daysAgo(n int) time.Time { return time.Now().AddDate(0, 0, -n) }

// caseOf is the id of the only case.
func caseOf(t *testing.T, w *apptest.World) string {
	t.Helper()
	cases, err := w.App.FindAllRecords("moderation_cases")
	if err != nil || len(cases) != 1 {
		t.Fatalf("there are %d cases: %v", len(cases), err)
	}
	return cases[0].Id
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

func TestACaseThatWaitsTooLongIsEscalatedOnce(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t, "vile")
	report := q.report(t, q.messages[0])
	one, two := q.w.Moderator("Mo"), q.w.Moderator("Max")
	id := caseOf(t, q.w)
	one.Post("/moderation/queue/"+id+"/claim", nil).Want(t, 200)
	later(t, q.w)
	if q.w.Row("moderation_cases", id).GetString("escalated_at") != "" {
		t.Fatal("it was escalated at once")
	}
	if _, err := q.w.App.DB().NewQuery("UPDATE moderation_cases SET created_at = '2026-01-01 00:00:00.000Z'").Execute(); err != nil {
		t.Fatal(err)
	}
	q.w.Change("moderation_cases", id, apptest.JSON{"claimed_at": daysAgo(2)})
	later(t, q.w)
	later(t, q.w)
	for _, moderator := range []*apptest.Person{one, two} {
		if told := moderator.Get("/collections/notifications/records").Want(t, 200); told.Number("totalItems") != 1 || told.Text("items.0.title") != "A case waits too long" {
			t.Errorf("a moderator is told %s", told.Raw)
		}
	}
	if item := two.Get("/moderation/queue").Want(t, 200); item.Text("items.0.escalated_at") == "" {
		t.Errorf("the queue shows %s", item.Raw)
	}
	resolve(two, report, "dismiss").Want(t, 200) // who claimed it long ago keeps nobody out
}

func TestARestrictionThatIsOverIsOverInItsRowToo(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ben, moderator := w.Member("Ben"), w.Moderator("Mo")
	for _, level := range []string{"limited", "suspended"} {
		moderator.Post("/moderation/users/"+ben.ID+"/restrict", apptest.JSON{"level": level, "reason": level, "days": 3}).Want(t, 200)
	}
	row, err := w.App.FindFirstRecordByData("user_moderation", "user", ben.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range penalties(t, w) {
		if p.GetString("level") == "suspended" {
			w.Change("moderation_penalties", p.Id, apptest.JSON{"ends_at": daysAgo(1)})
		}
	}
	w.Change("user_moderation", row.Id, apptest.JSON{"restricted_until": daysAgo(1), "can_send_messages": false})
	later(t, w)
	stored := w.Row("user_moderation", row.Id)
	if stored.GetString("restriction_level") != "limited" || stored.GetString("reason") != "limited" || !stored.GetBool("can_send_messages") ||
		!stored.GetDateTime("restricted_until").Time().After(time.Now()) {
		t.Errorf("the row is %v", stored.FieldsData())
	}
}

func TestASwitchIsAPenaltyThatIsToldAppealedAndEnds(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t)
	mo, operator := q.w.Moderator("Mo"), q.w.Superuser()
	row, err := q.w.App.FindFirstRecordByData("user_moderation", "user", q.ben.ID)
	if err != nil {
		t.Fatal(err)
	}
	path := "/collections/user_moderation/records/" + row.Id
	says := func() int {
		return q.ben.Post("/conversations/"+q.conversation+"/messages", apptest.JSON{"content": "Hello"}).Status
	}
	until := time.Now().AddDate(0, 0, 3)

	operator.Patch(path, apptest.JSON{"can_send_messages": false, "reason": "floods", "restricted_until": until}).Want(t, 200)
	if standing := q.ben.Get("/messaging/standing").Want(t, 200); says() != 403 || standing.Text("decisions.0.level") != "switched" || standing.Text("reason") != "floods" {
		t.Fatalf("the switch is not told: %s", standing.Raw)
	}
	appealed(t, q.ben, mo, "overturned")
	if says() != 201 {
		t.Error("an overturned switch stays")
	}

	operator.Patch(path, apptest.JSON{"can_send_messages": false, "restricted_until": until}).Want(t, 200)
	mo.Post("/moderation/users/"+q.ben.ID+"/restrict", apptest.JSON{"level": "limited", "reason": "as well", "days": 1}).Want(t, 200)
	for _, p := range penalties(t, q.w) {
		if p.GetString("level") == "limited" {
			q.w.Change("moderation_penalties", p.Id, apptest.JSON{"ends_at": daysAgo(1)})
		}
	}
	q.w.Change("user_moderation", row.Id, apptest.JSON{"restricted_until": daysAgo(1)})
	if says() != 403 {
		t.Error("the switch ends with another penalty")
	}
	if later(t, q.w); says() != 403 {
		t.Error("the switch ends when the row is derived")
	}
	operator.Patch(path, apptest.JSON{"can_send_messages": true}).Want(t, 200)
	if later(t, q.w); says() != 201 {
		t.Error("a switch that is put back stays")
	}

	mo.Post("/moderation/users/"+q.ben.ID+"/lift", apptest.JSON{"note": "fine"}).Want(t, 200)
	operator.Patch(path, apptest.JSON{"can_send_messages": false, "restricted_until": until}).Want(t, 200)
	for _, p := range penalties(t, q.w) {
		if p.GetString("level") == "switched" {
			q.w.Change("moderation_penalties", p.Id, apptest.JSON{"ends_at": daysAgo(1)})
		}
	}
	q.w.Change("user_moderation", row.Id, apptest.JSON{"restricted_until": daysAgo(1)})
	if says() != 201 {
		t.Error("a switch whose time is over stays")
	}
	if later(t, q.w); says() != 201 || !q.w.Row("user_moderation", row.Id).GetBool("can_send_messages") {
		t.Error("a switch whose time is over stays in the row")
	}
}
