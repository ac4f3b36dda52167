package routes_test

import (
	"testing"

	"carecollective/internal/apptest"
)

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

func TestTheSecondModeratorSeesForHowLongABanWasProposedAndByWhom(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t, "vile")
	one, two := q.w.Moderator("Mo"), q.w.Moderator("Max")
	one.Post("/moderation/reports/"+q.report(t, q.messages[0])+"/resolve", apptest.JSON{"action": "ban", "note": "Third attempt.", "days": 90}).Want(t, 202)
	queue := two.Get("/moderation/queue").Want(t, 200)
	if queue.Text("items.0.proposed_by") != one.ID || queue.Number("items.0.proposed_days") != 90 || queue.Text("items.0.note") != "Third attempt." {
		t.Errorf("the queue is %s", queue.Raw)
	}
}
