package routes_test

import (
	"strings"
	"testing"

	"carecollective/internal/apptest"
	"carecollective/server"
)

const helpRequests = "/collections/help_requests/records"

func TestAHelpRequestIsMadeWithItsDefaults(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana, ben := w.Member("Ana"), w.Member("Ben")
	made := ana.Post(helpRequests, apptest.JSON{"title": "A ladder", "user": ben.ID, "created_at": "2020-01-01 00:00:00.000Z"}).Want(t, 200)
	for name, want := range map[string]any{
		"user": ana.ID, "kind": "need", "urgency": "normal", "status": "open", "title": "A ladder", "description": "", "category": "", "location": "",
	} {
		if made.At(name) != want {
			t.Errorf("%s is %v, want %v", name, made.At(name), want)
		}
	}
	if strings.HasPrefix(made.Text("created_at"), "2020") {
		t.Errorf("made at %s", made.Text("created_at"))
	}
	offer := ana.Post(helpRequests, apptest.JSON{
		"kind": "offer", "title": "Soup", "description": "Every\nFriday", "category": "food", "urgency": "critical", "location": "By the river", "status": "in_progress",
	}).Want(t, 200)
	if offer.Text("kind") != "offer" || offer.Text("urgency") != "critical" || offer.Text("status") != "in_progress" {
		t.Errorf("made %s", offer.Raw)
	}
}

func TestAHelpRequestIsHeldToItsRules(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana := w.Member("Ana")
	id := ana.Post(helpRequests, apptest.JSON{"title": "A ladder"}).Want(t, 200).Text("id")
	for name, body := range map[string]apptest.JSON{
		"title":       {"title": " \u200b"},
		"kind":        {"title": "x", "kind": "wish"},
		"urgency":     {"title": "x", "urgency": "now"},
		"status":      {"title": "x", "status": "done"},
		"description": {"title": "x", "description": "a\u0007"},
		"location":    {"title": "x", "location": strings.Repeat("a", 2000)},
		"category":    {"title": "x", "category": 5},
	} {
		for what, refused := range map[string]apptest.Answer{
			"create": ana.Post(helpRequests, body), "update": ana.Patch(helpRequests+"/"+id, body),
		} {
			if refused.Status != 400 || refused.At("data."+name) == nil {
				t.Errorf("%s with %v: answered %d %s", what, body, refused.Status, refused.Raw)
			}
		}
	}
	if untitled := ana.Post(helpRequests, apptest.JSON{}); untitled.Status != 400 || untitled.At("data.title") == nil {
		t.Errorf("without a title: answered %d %s", untitled.Status, untitled.Raw)
	}
	w.Stands(ana, apptest.JSON{"restriction_level": "suspended"})
	ana.Post(helpRequests, apptest.JSON{"title": "x"}).Refused(t, "account_suspended")
	ana.Patch(helpRequests+"/"+id, apptest.JSON{"title": "x"}).Refused(t, "account_suspended")
}
