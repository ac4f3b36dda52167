package rules_test

import (
	"database/sql"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"carecollective/collections"
	"carecollective/internal/apptest"
	"carecollective/server"
)

// knows has the world read, and so remember, what every request asks for.
func knows(t *testing.T, ana *apptest.Person) {
	t.Helper()
	for range 2 {
		ana.Get("/conversations").Want(t, http.StatusOK)
	}
}

func TestWhatIsRememberedIsForgottenBeforeAChangeIsAnswered(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana, ben := w.Member("Ana"), w.Member("Ben")
	knows(t, ana)
	w.Stands(ana, apptest.JSON{"restriction_level": "banned"})
	ana.Get("/conversations").Want(t, http.StatusForbidden)

	knows(t, ben)
	w.Settings(apptest.JSON{"permission_checks_per_hour": 1})
	path := "/messaging/permissions?recipient_id=" + ana.ID
	ben.Get(path).Want(t, http.StatusOK)
	ben.Get(path).Want(t, http.StatusTooManyRequests)

	record := w.Row(collections.Users, ben.ID)
	record.RefreshTokenKey()
	if err := w.App.Save(record); err != nil {
		t.Fatal(err)
	}
	ben.Get("/conversations").Want(t, http.StatusUnauthorized)
}

func TestWhatAnotherProcessChangesIsSeenWithinASecond(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana := w.Member("Ana")
	knows(t, ana)
	other, err := sql.Open("sqlite", filepath.Join(w.App.DataDir(), "data.db")+"?_pragma=busy_timeout(10000)")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if _, err := other.Exec("UPDATE user_moderation SET restriction_level = 'banned' WHERE user = ?", ana.ID); err != nil {
		t.Fatal(err)
	}
	changed := time.Now()
	for ana.Get("/conversations").Status != http.StatusForbidden {
		if time.Since(changed) > 30*time.Second { // not the second that is promised: a busy machine takes its time
			t.Fatal("the ban is not noticed")
		}
	}
}

func TestWhatIsWrittenPastTheHooksIsSeenAtOnce(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{Unlock: []string{server.DoorSQL, server.DoorSchema}})
	ana, ben, operator := w.Member("Ana"), w.Member("Ben"), w.Superuser()
	knows(t, ana)
	knows(t, ben)
	ban := "UPDATE user_moderation SET restriction_level = 'banned' WHERE user = '" + ana.ID + "'"
	operator.Post("/sql", apptest.JSON{"query": ban}).Want(t, http.StatusOK)
	ana.Get("/conversations").Refused(t, "account_banned")
	operator.Delete("/collections/user_moderation/truncate").Want(t, http.StatusNoContent)
	if standing := ben.Get("/messaging/standing").Want(t, http.StatusOK); standing.At("restrictions.can_send_messages") != false {
		t.Errorf("somebody without a standing may write: %s", standing.Raw)
	}
}
