package rules_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"carecollective/audit"
	"carecollective/internal/apptest"
	"carecollective/server"
)

// concernsOf lists what a member is shown of the audit log, the oldest first, as "action by whom message".
func concernsOf(t *testing.T, member *apptest.Person) []string {
	t.Helper()
	answer := member.Get("/me/audit?limit=200").Want(t, 200)
	listed := answer.List("entries")
	if answer.Number("pagination.total") != len(listed) {
		t.Errorf("the total is %d of %d", answer.Number("pagination.total"), len(listed))
	}
	all := make([]string, len(listed))
	for i, item := range listed {
		entry, _ := item.(map[string]any)
		apptest.WantNames(t, entry, []string{"action_type", "by", "created_at", "id", "message"})
		all[len(listed)-1-i] = fmt.Sprint(entry["action_type"], " by ", entry["by"], " ", entry["message"])
	}
	return all
}

func has(entries []string, entry string) bool {
	for _, e := range entries {
		if e == entry {
			return true
		}
	}
	return false
}

// reported is Ana and Ben in a conversation, in which Ana has reported what Ben wrote, and a moderator.
func reported(t *testing.T) (ana, ben, mo *apptest.Person, message, queued string) {
	t.Helper()
	w := apptest.New(t, server.Config{})
	ana, ben, mo = w.Member("Ana"), w.Member("Ben"), w.Moderator("Mo")
	conversation := ana.Meets(t, ben)
	message = ben.Says(t, conversation, "Something vile")
	ana.Put("/messages/"+message+"/read", nil).Want(t, 200)
	before := concernsOf(t, ben)
	ana.Post("/messages/"+message+"/report", apptest.JSON{"reason": "harassment"}).Want(t, 201)
	if after := concernsOf(t, ben); len(after) != len(before) {
		t.Errorf("when a report came in, the reported saw %v instead of %v", after, before)
	}
	queued, _ = apptest.At(mo.Get("/moderation/queue").Want(t, 200).List("items")[0].(map[string]any), "id").(string)
	return ana, ben, mo, message, queued
}

func TestWhoReportsSeesEachLookAtItAndNobodysName(t *testing.T) {
	t.Parallel()
	ana, ben, mo, message, _ := reported(t)
	mo.Get("/moderation/queue").Want(t, 200)
	seen := concernsOf(t, ana)
	looks := 0
	for _, entry := range seen {
		if entry == "viewed_by_moderator by moderator "+message {
			looks++
		}
	}
	if looks != 2 || !has(seen, "reported by you "+message) || !has(seen, "read by you "+message) {
		t.Errorf("who reported sees %v", seen)
	}
	raw := ana.Get("/me/audit").Raw
	if strings.Contains(raw, mo.ID) || strings.Contains(raw, ben.ID) {
		t.Errorf("somebody is named: %s", raw)
	}
}

func TestTheReportedSeeALookOnceADecisionAgainstThemWasMade(t *testing.T) {
	t.Parallel()
	ana, ben, mo, message, queued := reported(t)
	look := "viewed_by_moderator by moderator " + message
	if seen := concernsOf(t, ben); has(seen, look) {
		t.Errorf("before a decision, which tells that somebody has reported them: %v", seen)
	}
	mo.Post("/moderation/queue/"+queued+"/resolve", apptest.JSON{"action": "warn", "note": "Be kind"}).Want(t, 200)
	seen := concernsOf(t, ben)
	if !has(seen, look) || !has(seen, "moderated by moderator "+message) {
		t.Errorf("after the decision they see %v", seen)
	}
	if raw := ben.Get("/me/audit").Raw; strings.Contains(raw, ana.ID) || strings.Contains(raw, mo.ID) {
		t.Errorf("somebody is named: %s", raw)
	}
	for _, entry := range seen {
		if strings.HasPrefix(entry, "reported") || strings.HasPrefix(entry, "read by moderator") {
			t.Errorf("they see %s", entry)
		}
	}
}

func TestAReportThatIsDismissedIsNeverToldToTheReported(t *testing.T) {
	t.Parallel()
	ana, ben, mo, message, queued := reported(t)
	before := concernsOf(t, ben)
	mo.Post("/moderation/queue/"+queued+"/resolve", apptest.JSON{"action": "dismiss", "note": "Nothing"}).Want(t, 200)
	if after := concernsOf(t, ben); len(after) != len(before) {
		t.Errorf("they saw %v and see %v", before, after)
	}
	if seen := concernsOf(t, ana); !has(seen, "moderated by moderator "+message) {
		t.Errorf("who reported sees %v", seen)
	}
}

func TestTheAuditLogShowsAMemberNothingOfOthers(t *testing.T) {
	t.Parallel()
	ana, ben, mo, message, queued := reported(t)
	stranger := ana.World.Member("Eve")
	mo.Post("/moderation/queue/"+queued+"/resolve", apptest.JSON{"action": "hide", "note": "x"}).Want(t, 200)
	if seen := concernsOf(t, stranger); len(seen) != 0 {
		t.Errorf("a stranger sees %v", seen)
	}
	if seen := concernsOf(t, ben); has(seen, "read by you "+message) || has(seen, "read by moderator "+message) || has(seen, "reported by you "+message) {
		t.Errorf("the sender sees who read it: %v", seen)
	}
	if seen := concernsOf(t, mo); len(seen) != 0 {
		t.Errorf("a moderator's own page is not their work: %v", seen)
	}
	ana.World.Guest().Get("/me/audit").Want(t, 401)
}

func TestADecisionWithoutAReportIsShownToWhomItConcerns(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana, mo := w.Member("Ana"), w.Moderator("Mo")
	mo.Post("/moderation/users/"+ana.ID+"/restrict", apptest.JSON{"level": "limited", "days": 3, "reason": "Flooding"}).Want(t, 200)
	mo.Post("/moderation/users/"+ana.ID+"/lift", apptest.JSON{"note": "Enough"}).Want(t, 200)
	if seen := concernsOf(t, ana); len(seen) != 2 || seen[0] != "moderated by moderator " {
		t.Errorf("she sees %v", seen)
	}
}

func TestTheAuditLogIsPaged(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana := w.Member("Ana")
	for i := range 5 {
		if err := audit.Record(w.App, audit.AuditSent, fmt.Sprint("m", i), ana.ID, nil, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	page := ana.Get("/me/audit?page=2&limit=2").Want(t, 200)
	if len(page.List("entries")) != 2 || page.Text("entries.0.message") != "m2" || page.Text("entries.1.message") != "m1" ||
		page.Number("pagination.total") != 5 || page.Number("pagination.page") != 2 || page.Number("pagination.limit") != 2 {
		t.Errorf("the second page: %s", page.Raw)
	}
	ana.Get("/me/audit?page=x").Want(t, 400)
}
