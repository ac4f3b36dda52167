package routes_test

import (
	"maps"
	"testing"

	"carecollective/internal/apptest"
	"carecollective/server"
)

func TestAStartOfTheWrongShapeIsRefusedByName(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana, ben := w.Member("Ana"), w.Member("Ben")
	w.Prefers(ben, apptest.JSON{"can_receive_from": "anyone"})
	start := func(fields apptest.JSON) apptest.Answer {
		body := apptest.JSON{"recipient_id": ben.ID, "initial_message": "Hello, may I?"}
		maps.Copy(body, fields)
		return ana.Post("/conversations", body)
	}
	for field, wrong := range map[string]apptest.JSON{
		"recipient_id":    {"recipient_id": 7},
		"initial_message": {"initial_message": "\u200b "},
		"help_request_id": {"help_request_id": []string{"x"}},
		"id":              {"id": "No Id!"},
		"participant_ids": {"participant_ids": "x", "title": "T"},
		"title":           {"participant_ids": []string{ben.ID}},
	} {
		answer := start(wrong).Want(t, 400)
		if answer.At("data."+field) == nil {
			t.Errorf("a wrong %s is not named: %s", field, answer.Raw)
		}
	}
	for _, missing := range []apptest.JSON{{"recipient_id": nil}, {"initial_message": nil}} {
		start(missing).Want(t, 400)
	}
	if total := ana.Get("/conversations").Want(t, 200).Number("pagination.total"); total != 0 {
		t.Errorf("a wrong start left %d conversations", total)
	}
}
