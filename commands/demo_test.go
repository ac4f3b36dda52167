package commands_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"carecollective/collections"
	"carecollective/commands"
	"carecollective/internal/apptest"
	"carecollective/internal/store"
	"carecollective/server"
)

// tellDemo runs the command on the world's own database and returns what it printed.
func tellDemo(w *apptest.World) (string, error) {
	command := commands.Demo(w.App)
	var out bytes.Buffer
	command.SetOut(&out)
	command.SetArgs(nil)
	command.SilenceErrors, command.SilenceUsage = true, true
	err := command.Execute()
	return out.String(), err
}

func demo(t *testing.T) (*apptest.World, string) {
	t.Helper()
	w := apptest.New(t, server.Config{})
	printed, err := tellDemo(w)
	if err != nil {
		t.Fatal(err)
	}
	return w, printed
}

// signIn signs in as the demo prints it.
func signIn(t *testing.T, w *apptest.World, printed, email string) *apptest.Person {
	t.Helper()
	if !strings.Contains(printed, email) {
		t.Fatalf("%s was not introduced: %s", email, printed)
	}
	_, password, _ := strings.Cut(printed, `"`)
	password, _, _ = strings.Cut(password, `"`)
	answer := w.Guest().Post("/collections/users/auth-with-password", map[string]string{"identity": email, "password": password}).Want(t, 200)
	return &apptest.Person{ID: answer.Text("record.id"), Token: answer.Text("token"), World: w}
}

func TestTheDemoHasConversationsInEveryState(t *testing.T) {
	w, printed := demo(t)
	amara := signIn(t, w, printed, "amara@example.org")
	signIn(t, w, printed, "ruth@example.org").Get("/conversations").Want(t, 200)
	if pending := amara.Get("/conversations?consent=pending").Want(t, 200).List("conversations"); len(pending) != 3 {
		t.Errorf("%d requests and invitations wait for Amara, want 3", len(pending))
	}
	if blocked := signIn(t, w, printed, "ben@example.org").Get("/conversations?status=blocked").Want(t, 200); blocked.Number("pagination.total") != 1 {
		t.Errorf("Ben has blocked nobody: %s", blocked.Raw)
	}
	for query, least := range map[string]int{
		"SELECT COUNT(*) FROM users":                                                            12,
		"SELECT COUNT(*) FROM users WHERE role = 'moderator'":                                   1,
		"SELECT COUNT(DISTINCT language) FROM users":                                            2,
		"SELECT COUNT(DISTINCT location) FROM users":                                            5,
		"SELECT COUNT(*) FROM help_requests WHERE kind = 'offer'":                               4,
		"SELECT COUNT(*) FROM help_requests WHERE kind = 'need'":                                6,
		"SELECT COUNT(*) FROM conversation_participants WHERE consent = 'declined'":             1,
		"SELECT COUNT(*) FROM conversation_participants WHERE consent = 'pending'":              8,
		"SELECT COUNT(*) FROM conversations WHERE kind = 'group'":                               1,
		"SELECT COUNT(*) FROM conversations WHERE status = 'closed'":                            1,
		"SELECT COUNT(*) FROM user_blocks":                                                      1,
		"SELECT COUNT(*) FROM messages WHERE private_to != ''":                                  1,
		"SELECT COUNT(*) FROM messages WHERE reply_to != ''":                                    5,
		"SELECT COUNT(*) FROM messages WHERE edited_at != ''":                                   1,
		"SELECT COUNT(*) FROM messages WHERE deleted_at != ''":                                  2,
		"SELECT COUNT(*) FROM messages WHERE message_type = 'help_request_update'":              3,
		"SELECT COUNT(*) FROM contact_exchanges WHERE status = 'agreed'":                        2,
		"SELECT COUNT(*) FROM contact_exchanges WHERE status = 'pending'":                       1,
		"SELECT COUNT(DISTINCT substr(created_at, 1, 10)) FROM messages":                        8,
		"SELECT COUNT(*) FROM conversation_participants WHERE unread > 0":                       5,
		"SELECT COUNT(*) FROM users WHERE created_at < strftime('%Y-%m-%d', 'now', '-30 days')": 11,
		"SELECT COUNT(*) FROM conversation_participants WHERE requested_at < strftime('%Y-%m-%d','now','-14 days') AND consent = 'pending' AND requested_at != ''": 1,
	} {
		var n int
		if err := w.App.DB().NewQuery(query).Row(&n); err != nil {
			t.Fatal(err)
		}
		if n < least {
			t.Errorf("%s: %d, want %d", query, n, least)
		}
	}
}

func TestTheDemoLiesInThePastAndCanBeRead(t *testing.T) {
	w, _ := demo(t)
	midnight := time.Now().UTC().Truncate(24 * time.Hour)
	var messages []*collections.Message
	if err := w.App.RecordQuery(collections.Messages).All(&messages); err != nil {
		t.Fatal(err)
	}
	for _, m := range messages {
		content, err := m.Unseal(w.App)
		if err != nil || (content == "") != m.Deleted() {
			t.Errorf("message %d of %s reads %q: %v", m.Seq(), m.Conversation(), content, err)
		}
		if !m.CreatedTime().Before(midnight) {
			t.Errorf("%q was written at %s", content, m.CreatedAt())
		}
	}
	var late int
	err := w.App.DB().NewQuery("SELECT COUNT(*) FROM conversation_participants WHERE latest_at >= {:m} OR touched_at >= {:m}").
		Bind(map[string]any{"m": store.Stamp(midnight)}).Row(&late)
	if err != nil || late > 0 {
		t.Errorf("%d places in conversations are as new as the demo: %v", late, err)
	}
}

func TestTheDemoRefusesADirectoryThatHasMembers(t *testing.T) {
	w := apptest.New(t, server.Config{})
	w.Member("Amara")
	printed, err := tellDemo(w)
	if err == nil || !strings.Contains(err.Error(), "already has members") || strings.Contains(err.Error(), "\n") || printed != "" {
		t.Errorf("printed %q and refused with %v", printed, err)
	}
	var n int
	if err := w.App.DB().NewQuery("SELECT COUNT(*) FROM users").Row(&n); err != nil || n != 1 {
		t.Errorf("there are %d members: %v", n, err)
	}
}
