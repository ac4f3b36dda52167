package commands_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/spf13/cobra"

	"carecollective/collections"
	"carecollective/commands"
	"carecollective/internal/apptest"
	"carecollective/notifications/chat"
	"carecollective/server"
)

// said runs a command and answers what it printed.
func said(t *testing.T, command *cobra.Command, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	command.SetArgs(args)
	command.SetOut(&out)
	command.SetErr(&out)
	command.SilenceUsage = true
	err := command.Execute()
	return out.String(), err
}

func TestAChannelIsAddedListedTestedAndRemoved(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	channel := func(args ...string) (string, error) {
		return said(t, commands.Channel(w.App, chat.Host), args...)
	}
	secret, err := channel("add", "webhook", "desk", "https://desk.example.org/hook?key=abc", "--events", "report,help_request")
	if err != nil || !strings.HasPrefix(secret, "whsec_") {
		t.Fatalf("add a webhook: %q, %v", secret, err)
	}
	if out, err := channel("add", "chat", "room", "ntfy://tk_abc@ntfy.example.org/alerts"); err != nil || strings.Contains(out, "abc") {
		t.Fatalf("add a chat: %q, %v", out, err)
	}
	list, err := channel("list")
	if want := "desk\twebhook\tdesk.example.org\treport,help_request\nroom\tchat\tntfy.example.org\treport\n"; err != nil || list != want {
		t.Errorf("the list is %q, %v", list, err)
	}
	if _, err := channel("remove", "room"); err != nil {
		t.Errorf("remove: %v", err)
	}
	if list, _ := channel("list"); strings.Contains(list, "room") {
		t.Errorf("the list is %q", list)
	}
}

func TestWhatIsNoChannelIsRefusedAndLeavesNothing(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	for name, args := range map[string][]string{
		"another kind":     {"add", "pigeon", "x", "https://x.example/y"},
		"plain HTTP":       {"add", "webhook", "x", "http://x.example/y"},
		"another port":     {"add", "webhook", "x", "https://x.example:8443/y"},
		"no chat":          {"add", "chat", "x", "smtp://x.example/y"},
		"an unknown event": {"add", "webhook", "x", "https://x.example/y", "--events", "message"},
		"too little":       {"add", "webhook"},
		"removed before":   {"remove", "x"},
		"tested before":    {"test", "x"},
	} {
		if out, err := said(t, commands.Channel(w.App, chat.Host), args...); err == nil {
			t.Errorf("%s: done, and said %q", name, out)
		}
	}
	if all, err := collections.FindOperatorChannels(w.App); err != nil || len(all) != 0 {
		t.Errorf("there are %d channels, %v", len(all), err)
	}
}

func TestRotatingTellsHowManyAreAsked(t *testing.T) {
	t.Parallel()
	rotate := func(members int, err error) func(core.App, time.Time) (int, error) {
		return func(core.App, time.Time) (int, error) { return members, err }
	}
	if out, err := said(t, commands.Vapid(nil, rotate(3, nil)), "rotate"); err != nil || !strings.Contains(out, "3 members") {
		t.Errorf("it said %q, %v", out, err)
	}
	if _, err := said(t, commands.Vapid(nil, rotate(0, errors.New("no disk"))), "rotate"); err == nil || !strings.Contains(err.Error(), "no disk") {
		t.Errorf("it ended with %v", err)
	}
}
