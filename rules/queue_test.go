package rules_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"carecollective/internal/apptest"
	"carecollective/server"
)

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
