package rules_test

import (
	"strings"
	"testing"

	"carecollective/internal/apptest"
	"carecollective/server"
)

func TestTheReporterCanBeAskedBackAndNobodyIsNamed(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t, "vile")
	moderator := q.w.Moderator("Mo")
	path := "/reports/" + q.report(t, q.messages[0]) + "/dialogue"
	moderator.Post(path, apptest.JSON{"text": "Did it happen before?"}).Want(t, 201)
	if told := q.ana.Get("/collections/notifications/records").Want(t, 200); told.Text("items.0.type") != "moderation_question" || strings.Contains(told.Raw, "before") {
		t.Fatalf("the reporter is told %s", told.Raw)
	}
	answered := q.ana.Post(path, apptest.JSON{"text": "Yes, twice."}).Want(t, 201)
	if answered.Text("dialogue.0.text") != "Did it happen before?" || answered.At("dialogue.0.by_moderators") != true ||
		answered.Text("dialogue.1.text") != "Yes, twice." || strings.Contains(answered.Raw, moderator.ID) {
		t.Fatalf("the dialogue is %s", answered.Raw)
	}
	if seen := moderator.Get(path).Want(t, 200); len(seen.List("dialogue")) != 2 || strings.Contains(seen.Raw, q.ana.ID) {
		t.Fatalf("the moderators see %s", seen.Raw)
	}
	q.w.Change("users", q.ben.ID, apptest.JSON{"role": "moderator"})
	q.ben.Get(path).Want(t, 404)
	q.w.Member("Cleo").Post(path, apptest.JSON{"text": "hello"}).Want(t, 404)
	q.ana.Post(path, apptest.JSON{"text": " "}).Want(t, 400)
}

func TestADialogueIsForThoseWhoMayDecide(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t, "vile")
	mo, restricted := q.w.Moderator("Mo"), q.w.Moderator("Max")
	report := q.report(t, q.messages[0])
	q.w.Change("users", q.ben.ID, apptest.JSON{"role": "moderator"})
	q.w.Stands(restricted, apptest.JSON{"restriction_level": "suspended"})
	restricted.Get("/reports/"+report+"/dialogue").Refused(t, "account_suspended")
	mo.Post("/reports/"+report+"/dialogue", apptest.JSON{"text": "Since when?"}).Want(t, 201)
	q.ana.Post("/reports/"+report+"/dialogue", apptest.JSON{"text": "Since May."}).Want(t, 201)
	if told := q.ben.Get("/collections/notifications/records").Want(t, 200); told.Number("totalItems") != 0 {
		t.Errorf("the reported is told %s", told.Raw)
	}
	looks, err := q.w.App.FindRecordsByFilter("message_audit_log", "action_type = 'viewed_by_moderator'", "", 0, 0)
	if err != nil || len(looks) != 1 || looks[0].GetString("user") != mo.ID {
		t.Errorf("the looks on record are %v: %v", looks, err)
	}
	resolve(mo, report, "warn").Want(t, 200)
	q.w.Change("users", q.ben.ID, apptest.JSON{"role": "member"})
	q.w.Change("moderation_cases", caseOf(t, q.w), apptest.JSON{"resolved_at": daysAgo(91)})
	later(t, q.w)
	if left := q.ana.Get("/reports/"+report+"/dialogue").Want(t, 200); left.Text("dialogue.0.text") != "" || left.Text("dialogue.1.text") != "" {
		t.Errorf("what was said outlives the evidence: %s", left.Raw)
	}
}

func TestABannedMemberSpeaksAboutTheirAppeal(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ben, moderator := w.Member("Ben"), w.Moderator("Mo")
	moderator.Post("/moderation/users/"+ben.ID+"/restrict", apptest.JSON{"level": "banned", "reason": "sells addresses"}).Want(t, 200)
	path := "/appeals/" + ben.Post("/moderation/appeals", apptest.JSON{"text": "Why?"}).Want(t, 201).Text("appeal.id") + "/dialogue"
	ben.Post(path, apptest.JSON{"text": "I did not."}).Want(t, 201)
}

func TestAnAppealIsADialogue(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ben, moderator := w.Member("Ben"), w.Moderator("Mo")
	moderator.Post("/moderation/users/"+ben.ID+"/restrict", apptest.JSON{"level": "limited", "reason": "too many"}).Want(t, 200)
	path := "/appeals/" + ben.Post("/moderation/appeals", apptest.JSON{"text": "Why?"}).Want(t, 201).Text("appeal.id") + "/dialogue"
	moderator.Post(path, apptest.JSON{"text": "Because of the requests on Monday."}).Want(t, 201)
	ben.Post(path, apptest.JSON{"text": "I see."}).Want(t, 201)
	if seen := moderator.Get(path).Want(t, 200); seen.Text("dialogue.1.text") != "I see." {
		t.Fatalf("the dialogue is %s", seen.Raw)
	}
	w.Member("Cleo").Get(path).Want(t, 404)
}

func TestMembersAcceptAVersionOfTheGuidelines(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana := w.Member("Ana")
	if read := ana.Get("/messaging/guidelines").Want(t, 200); read.Number("guidelines.version") != 1 || read.Number("guidelines.accepted_version") != 0 || read.Text("guidelines.text") == "" {
		t.Fatalf("the guidelines are %s", read.Raw)
	}
	ana.Post("/messaging/guidelines/accept", apptest.JSON{"version": 2}).Want(t, 400)
	ana.Post("/messaging/guidelines/accept", apptest.JSON{}).Want(t, 400)
	if accepted := ana.Post("/messaging/guidelines/accept", apptest.JSON{"version": 1}).Want(t, 200); accepted.Number("guidelines.accepted_version") != 1 {
		t.Fatalf("accepted is %s", accepted.Raw)
	}
	w.Settings(apptest.JSON{"guidelines_version": 2})
	if read := ana.Get("/messaging/guidelines").Want(t, 200); read.Number("guidelines.version") != 2 || read.Number("guidelines.accepted_version") != 1 {
		t.Fatalf("the guidelines are %s", read.Raw)
	}
}
