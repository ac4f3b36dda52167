package rules_test

import (
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"carecollective/audit"
	"carecollective/internal/apptest"
)

func TestAClaimEndsWithTheRole(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t, "vile")
	report := q.report(t, q.messages[0])
	one, two := q.w.Moderator("Mo"), q.w.Moderator("Max")
	one.Post("/moderation/queue/"+one.Get("/moderation/queue").Text("items.0.id")+"/claim", nil).Want(t, 200)
	q.w.Change("users", one.ID, apptest.JSON{"role": "member"})
	resolve(two, report, "dismiss").Want(t, 200)
}

func TestFiftyModeratorsAtOnceActOnceEach(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t, "one", "two", "three", "four", "five")
	for _, m := range q.messages {
		q.report(t, m)
	}
	queue := q.w.Moderator("Mo").Get("/moderation/queue").Want(t, 200)
	var all sync.WaitGroup
	var claimed, resolved, refused atomic.Int32
	for i := range 50 {
		moderator := q.w.Moderator(fmt.Sprint("Mo", i))
		item := "/moderation/queue/" + queue.Text(fmt.Sprintf("items.%d.id", i%5))
		all.Go(func() {
			mine := moderator.Post(item+"/claim", nil).Status == http.StatusOK
			answer := moderator.Post(item+"/resolve", apptest.JSON{"action": "warn", "note": "as decided"})
			switch {
			case answer.Status == http.StatusOK && mine:
				resolved.Add(1)
			case answer.Status == http.StatusConflict && !mine:
				refused.Add(1)
			default:
				t.Errorf("answered %s, claimed: %v", answer.Raw, mine)
			}
			if mine {
				claimed.Add(1)
			}
		})
	}
	all.Wait()
	if n := len(penalties(t, q.w)); n != 5 || claimed.Load() != 5 || resolved.Load() != 5 || refused.Load() != 45 {
		t.Errorf("%d penalties, %d claims, %d decisions, %d refusals", n, claimed.Load(), resolved.Load(), refused.Load())
	}
	if log, err := audit.Verify(q.w.App); err != nil || log.Entries == 0 {
		t.Errorf("the chain: %v %v", log, err)
	}
}

func TestParallelModeratorsActOnce(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t, "vile")
	report := q.report(t, q.messages[0])
	var moderators []*apptest.Person
	for i := range 10 {
		moderators = append(moderators, q.w.Moderator(fmt.Sprint("Mo", i)))
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	statuses := map[int]int{}
	for _, m := range moderators {
		wg.Go(func() {
			answer := resolve(m, report, "warn")
			mu.Lock()
			defer mu.Unlock()
			statuses[answer.Status]++
		})
	}
	wg.Wait()
	if statuses[http.StatusOK] != 1 || statuses[http.StatusConflict] != 9 {
		t.Fatalf("the answers are %v", statuses)
	}
	if n, err := q.w.App.CountRecords("moderation_penalties"); err != nil || n != 1 {
		t.Fatalf("there are %d penalties: %v", n, err)
	}
}

func TestAClaimKeepsOthersOut(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t, "vile")
	report := q.report(t, q.messages[0])
	one, two := q.w.Moderator("Mo"), q.w.Moderator("Max")
	path := "/moderation/queue/" + one.Get("/moderation/queue").Text("items.0.id") + "/claim"
	one.Post(path, nil).Want(t, 200)
	one.Post(path, nil).Want(t, 200)
	two.Post(path, nil).Want(t, 409)
	resolve(two, report, "dismiss").Want(t, 409)
	if answer := resolve(one, report, "dismiss").Want(t, 200); answer.Text("report.status") != "dismissed" {
		t.Fatalf("the report is %s", answer.Raw)
	}
}
