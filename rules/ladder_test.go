package rules_test

import (
	"testing"
	"time"

	"carecollective/internal/apptest"
	"carecollective/server"
)

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

func TestAPreviewTellsWhatTheNextDecisionMeansByTheHistoryAndSettingsOfNow(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t, "vile", "viler")
	moderator := q.w.Moderator("Mo")
	preview := func() apptest.Answer { return moderator.Get("/moderation/users/"+q.ben.ID).Want(t, 200) }
	if first := preview(); first.Text("preview.next_step") != "warning" || first.Number("preview.trust_score") != 65 ||
		first.Number("preview.limited_days") != 30 || first.Number("preview.suspended_days") != 7 {
		t.Errorf("without a history the preview is %s", first.Raw)
	}
	resolve(moderator, q.report(t, q.messages[0]), "warn").Want(t, 200)
	q.w.Settings(apptest.JSON{"limited_days": 3})
	if second := preview(); second.Text("preview.next_step") != "limited" || second.Number("preview.limited_days") != 3 {
		t.Errorf("after a warning the preview is %s", second.Raw)
	}
	q.report(t, q.messages[1])
	queue := moderator.Get("/moderation/queue").Want(t, 200)
	if queue.Text("items.0.preview.next_step") != "limited" || queue.Number("items.0.preview.trust_score") != 55 {
		t.Errorf("the queue is %s", queue.Raw)
	}
	if _, err := q.w.App.DB().NewQuery("UPDATE moderation_penalties SET starts_at = '2025-01-01 00:00:00.000Z'").Execute(); err != nil {
		t.Fatal(err)
	}
	if faded := preview(); faded.Text("preview.next_step") != "warning" || faded.Number("preview.trust_score") != 65 {
		t.Errorf("once the warning has faded the preview is %s", faded.Raw)
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
