package rules_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"carecollective/collections"
	"carecollective/commands"
	"carecollective/erasure"
	"carecollective/internal/apptest"
	"carecollective/internal/store"
	"carecollective/messaging"
	"carecollective/server"
)

// patrol lets the job look every hour from a moment on, as if the program had been running, and says what it decided last.
func patrol(t *testing.T, w *apptest.World, from time.Time, hours int) (last erasure.Verdict) {
	t.Helper()
	elapsed := time.Duration(-1)
	for h := range hours + 1 {
		var err error
		if last, err = erasure.Retain(w.App, from.Add(time.Duration(h)*time.Hour), elapsed); err != nil {
			t.Fatal(err)
		}
		elapsed = time.Hour
	}
	return last
}

// backdate makes a message one of an earlier time.
func backdate(t *testing.T, w *apptest.World, id string, at time.Time) {
	t.Helper()
	m, err := collections.FindMessage(w.App, id)
	if err == nil {
		err = messaging.BackdateMessage(w.App, m, at)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// firstOf is the id of the message that a conversation was started with.
func firstOf(t *testing.T, w *apptest.World, conversation string) string {
	t.Helper()
	m, err := collections.FindMessageAt(w.App, conversation, 1)
	if err != nil || m == nil {
		t.Fatalf("find the first message: %v, %v", m, err)
	}
	return m.Id
}

// snapshot is a copy of the database as it is now, as a backup would hold it.
func snapshot(t *testing.T, w *apptest.World) string {
	t.Helper()
	if err := store.TruncateWAL(w.App); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "backup")
	if err := os.CopyFS(dir, os.DirFS(w.App.DataDir())); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestTwoAgreeOnTheLongerOfTheirWishes(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana, ben := w.Member("Ana"), w.Member("Ben")
	path := "/conversations/" + ana.Asks(t, ben, "Hello") + "/retention"
	ana.Post(path, apptest.JSON{"days": 7}).Refused(t, "consent_pending")
	ben.Post(strings.Replace(path, "retention", "accept", 1), nil).Want(t, 200)
	for _, step := range []struct {
		by             *apptest.Person
		days           int
		agreed, theirs int
	}{{ana, 7, 0, 0}, {ana, 7, 0, 0}, {ben, 30, 30, 7}, {ben, 1, 7, 7}, {ana, 0, 0, 1}} {
		answer := step.by.Post(path, apptest.JSON{"days": step.days}).Want(t, 200)
		if answer.Number("retention.agreed") != step.agreed || answer.Number("retention.yours") != step.days || answer.Number("retention.theirs") != step.theirs {
			t.Errorf("after %d days: %s", step.days, answer.Raw)
		}
		if seen := step.by.Get(path).Want(t, 200); seen.Raw != answer.Raw {
			t.Errorf("read %s, was answered %s", seen.Raw, answer.Raw)
		}
	}
	for _, wrong := range []any{-1, 1.5, 3651, "7", nil, true} {
		if answer := ana.Post(path, apptest.JSON{"days": wrong}); answer.Status != 400 || answer.At("data.days") == nil {
			t.Errorf("%v days: %d %s", wrong, answer.Status, answer.Raw)
		}
	}
	cleo := w.Member("Cleo")
	cleo.Get(path).Want(t, 404)
	cleo.Post(path, apptest.JSON{"days": 1}).Want(t, 404)
	ben.Post(strings.Replace(path, "retention", "block", 1), nil).Want(t, 200)
	ben.Post(path, apptest.JSON{"days": 3}).Refused(t, "blocked_by_you")
	ana.Post(path, apptest.JSON{"days": 3}).Want(t, 200)
	ana.Post(strings.Replace(path, "retention", "leave", 1), nil).Want(t, 200)
	ana.Get(path).Want(t, 404)
}

func TestWhatBothWantToDisappearDisappearsAlsoWhenOneWantsItNoMore(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana, ben := w.Member("Ana"), w.Member("Ben")
	conversation := ana.Meets(t, ben)
	for _, p := range []*apptest.Person{ana, ben} {
		p.Post("/conversations/"+conversation+"/retention", apptest.JSON{"days": 7}).Want(t, 200)
	}
	gone := ana.Says(t, conversation, secretText)
	answer := ben.Post("/conversations/"+conversation+"/messages", apptest.JSON{"content": "Yes", "reply_to": gone}).Want(t, 201).Text("message.id")
	ben.Post("/conversations/"+conversation+"/retention", apptest.JSON{"days": 0}).Want(t, 200)
	kept := ana.Says(t, conversation, "This stays")
	old := snapshot(t, w)

	stream := ben.Listen("messages/*")
	if verdict := patrol(t, w, time.Now().Add(5*24*time.Hour), 30); verdict != erasure.Nothing {
		t.Fatalf("after six days: %d", verdict)
	}
	if verdict := patrol(t, w, time.Now().Add(7*24*time.Hour), 30); verdict != erasure.Nothing { // by then it was deleted
		t.Fatalf("after eight days: %d", verdict)
	}
	for _, id := range []string{gone, answer} {
		if event := stream.Want("messages/*"); event.Text("action") != "delete" || event.Text("record.id") != id {
			t.Errorf("Ben heard %s", event.Raw)
		}
		ana.Get(record+id).Want(t, 404)
	}
	page := ben.Get("/conversations/"+conversation+"/messages").Want(t, 200)
	if len(page.List("messages")) != 2 || page.Text("messages.1.id") != kept { // the first was written before they agreed
		t.Errorf("what is left: %s", page.Raw)
	}
	wantNowhere(t, w, secretText)
	wantUnreadableIn(t, w, old, gone)
	if text := readIn(t, w, old, kept); text != "This stays" {
		t.Errorf("what stays reads %q in the old backup", text)
	}
}

func TestOldMessagesGoWithTheKeysOfTheirMonth(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana, ben := w.Member("Ana"), w.Member("Ben")
	conversation := ana.Meets(t, ben)
	long := time.Now().AddDate(0, -4, 0)
	old := []string{ana.Says(t, conversation, secretText), ben.Says(t, conversation, secretText)}
	old = append(old, apptest.Form(t, ana, "POST", "/conversations/"+conversation+"/messages", apptest.JSON{"content": "Look"}, "attachments", apptest.Photo(t, 60, 40)).Want(t, 201).Text("message.id"))
	recent := ben.Says(t, conversation, "From today")
	for _, id := range append(old, firstOf(t, w, conversation)) {
		backdate(t, w, id, long)
	}
	w.Settings(apptest.JSON{"retention_days": 60})
	backup := snapshot(t, w)
	patrol(t, w, time.Now(), 30)
	page := ana.Get("/conversations/"+conversation+"/messages").Want(t, 200)
	if len(page.List("messages")) != 1 || page.Text("messages.0.id") != recent || page.Text("messages.0.content") != "From today" {
		t.Errorf("what is left: %s", page.Raw)
	}
	wantNowhere(t, w, secretText)
	wantNoPictures(t, w)
	for _, id := range old {
		wantUnreadableIn(t, w, backup, id)
	}
}

func TestWhatIsReportedIsHeldUntilItIsDecided(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana, ben, moderator := w.Member("Ana"), w.Member("Ben"), w.Moderator("Mia")
	conversation := ana.Meets(t, ben)
	reported := ben.Says(t, conversation, "Something bad")
	for _, id := range []string{firstOf(t, w, conversation), reported} {
		backdate(t, w, id, time.Now().AddDate(0, -3, 0))
	}
	report := ana.Post("/messages/"+reported+"/report", apptest.JSON{"reason": "harassment"}).Want(t, 201).Text("report.id")
	w.Settings(apptest.JSON{"retention_days": 30})
	patrol(t, w, time.Now(), 30)
	ben.Get(record+reported).Want(t, 200)
	moderator.Post("/moderation/reports/"+report+"/resolve", apptest.JSON{"action": "dismiss", "note": "Nothing"}).Want(t, 200)
	patrol(t, w, time.Now().Add(31*time.Hour), 30)
	ben.Get(record+reported).Want(t, 404)
}

func TestAJumpingClockDeletesNothing(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana, ben := w.Member("Ana"), w.Member("Ben")
	conversation := ana.Meets(t, ben)
	w.Settings(apptest.JSON{"retention_days": 30})
	patrol(t, w, time.Now(), 30)
	for _, ahead := range []time.Duration{365 * 24 * time.Hour, 800 * 24 * time.Hour} {
		if verdict, err := erasure.Retain(w.App, time.Now().Add(ahead), time.Hour); err != nil || verdict != erasure.Wait {
			t.Errorf("a jump of %v: %d, %v", ahead, verdict, err)
		}
	}
	if page := ana.Get("/conversations/"+conversation+"/messages").Want(t, 200); len(page.List("messages")) != 1 {
		t.Errorf("what is left: %s", page.Raw)
	}
}

func TestWhoseTimeIsOverIsNotMissing(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana, ben := w.Member("Ana"), w.Member("Ben")
	conversation, emptied := ana.Meets(t, ben), w.Member("Cleo").Meets(t, ben)
	lost := ana.Says(t, conversation, "Kept")
	for _, id := range []string{firstOf(t, w, conversation), firstOf(t, w, emptied)} {
		backdate(t, w, id, time.Now().AddDate(0, -4, 0))
	}
	w.Settings(apptest.JSON{"retention_days": 60})
	patrol(t, w, time.Now(), 30)
	if n, err := commands.ProveSequences(w.App); err != nil || n != 1 {
		t.Errorf("%d messages are proved, %v", n, err)
	}
	set(t, w, "DELETE FROM messages WHERE id = {:id} AND {:value} = 1", lost, 1)
	if _, err := commands.ProveSequences(w.App); err == nil || !strings.Contains(err.Error(), conversation) || strings.Contains(err.Error(), emptied) {
		t.Errorf("of a message that is missing it says %v", err)
	}
}
