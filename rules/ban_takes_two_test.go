package rules_test

import (
	"testing"

	"carecollective/internal/apptest"
)

func TestAProposedBanIsToldToNobodyBeforeItIsOne(t *testing.T) {
	t.Parallel()
	ana, ben, mo, message, queued := reported(t)
	mo.World.Moderator("Max")
	ban := apptest.JSON{"action": "ban", "note": "Threats"}
	mo.Post("/moderation/queue/"+queued+"/resolve", ban).Want(t, 202)
	for name, member := range map[string]*apptest.Person{"the reported": ben, "who reported": ana} {
		if seen := concernsOf(t, member); has(seen, "moderated by moderator "+message) {
			t.Errorf("%s sees %v", name, seen)
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
