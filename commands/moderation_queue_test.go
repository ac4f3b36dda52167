package commands_test

import (
	"bytes"
	"strings"
	"testing"

	"carecollective/commands"
	"carecollective/internal/apptest"
	"carecollective/server"
)

func queue(t *testing.T, w *apptest.World) string {
	t.Helper()
	command := commands.Moderation(w.App)
	var out bytes.Buffer
	command.SetOut(&out)
	command.SetArgs([]string{"queue"})
	if err := command.Execute(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestTheOperatorSeesThatSomethingWaitsAndNotWhat(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	if said := queue(t, w); said != "Nothing waits for the moderators.\n" {
		t.Errorf("said %q", said)
	}
	ana, ben, moderator := w.Member("Ana"), w.Member("Ben"), w.Moderator("Ruth")
	conversation := ana.Meets(t, ben)
	for _, reason := range []string{"spam", "scam"} {
		ana.Post("/messages/"+ben.Says(t, conversation, "the "+reason)+"/report", apptest.JSON{"reason": reason, "description": "he is odd"}).Want(t, 201)
	}
	item := moderator.Get("/moderation/queue").Want(t, 200).Text("items.0.id")
	moderator.Post("/moderation/queue/"+item+"/claim", nil).Want(t, 200)
	said := strings.Split(strings.TrimSpace(queue(t, w)), "\n")
	if len(said) != 3 || !strings.Contains(said[1], "scam") || !strings.Contains(said[1], "urgent,claimed") || !strings.Contains(said[2], "spam") || !strings.Contains(said[2], ben.ID) {
		t.Errorf("said %q", said)
	}
	for _, private := range []string{"the spam", "he is odd", "Ben", ana.ID, moderator.ID} {
		if strings.Contains(strings.Join(said, "\n"), private) {
			t.Errorf("it tells %q: %q", private, said)
		}
	}
}

func TestTheOperatorSeesThatAnAppealWaits(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ben, moderator := w.Member("Ben"), w.Moderator("Ruth")
	moderator.Post("/moderation/users/"+ben.ID+"/restrict", apptest.JSON{"level": "limited", "reason": "too many requests"}).Want(t, 200)
	appeal := ben.Post("/moderation/appeals", apptest.JSON{"text": "It was my cat."}).Want(t, 201).Text("appeal.id")
	if said := queue(t, w); !strings.Contains(said, appeal+"  appeal") || !strings.Contains(said, ben.ID) || strings.Contains(said, "cat") {
		t.Errorf("said %q", said)
	}
}
