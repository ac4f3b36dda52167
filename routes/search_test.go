package routes_test

import (
	"strings"
	"testing"

	"carecollective/internal/apptest"
)

func TestAWrongSearchIsRefused(t *testing.T) {
	t.Parallel()
	w, ana, _, conversation := apptest.Talk(t)
	theirs := w.Member("Cleo").Meets(t, w.Member("Dora"))
	for query, field := range map[string]string{
		"": "q", "q=": "q", "q=+": "q", "q=%E2%80%8B": "q", "q=" + strings.Repeat("1", 201): "q", "q=" + strings.Repeat("%C3%A9", 200): "",
		"q=x&limit=0": "limit", "q=x&limit=many": "limit", "q=x&from=yesterday": "from", "q=x&to=": "", "q=x&to=tomorrow": "to",
		"q=x&cursor=x": "cursor", "q=x&cursor=MjAyNg": "cursor", "q=x&filter=id!=''": "filter",
	} {
		answer := ana.Get("/messages/search?" + query)
		if field == "" {
			answer.Want(t, 200)
		} else if answer.Status != 400 || answer.At("data."+field+".code") == nil {
			t.Errorf("%q: answered %d %s", query, answer.Status, answer.Raw)
		}
	}
	if seen, none := ana.Get("/messages/search?q=x&conversation="+theirs), ana.Get("/messages/search?q=x&conversation=doesnotexist000"); seen.Status != 404 || seen.Raw != none.Raw {
		t.Errorf("another's conversation: answered %d %s", seen.Status, seen.Raw)
	}
	ana.Get("/messages/search?q=x&conversation="+conversation).Want(t, 200)
	w.Guest().Get("/messages/search?q=x").Want(t, 401)
	w.Superuser().Get("/messages/search?q=x").Want(t, 403)
}
