package delivery_test

import (
	"testing"

	"carecollective/internal/apptest"
)

func TestStreamsOverHTTP2(t *testing.T) {
	t.Parallel()
	w := world(t)
	over := w.OverTLS()
	ana, ben, cleo := w.Member("Ana"), w.Member("Ben"), w.Member("Cleo")
	id := ana.Meets(t, ben)
	his, hers := ben.In(over).Listen("messages/*"), cleo.In(over).Listen("messages/*")
	if his.Proto != "HTTP/2.0" {
		t.Fatalf("the stream speaks %s", his.Proto)
	}
	ana.In(over).Says(t, id, "hello")
	if e := his.Want("messages/*"); e.Text("record.content") != "hello" {
		t.Errorf("heard %s", e.Raw)
	}
	w.Stands(ben, apptest.JSON{"restriction_level": "banned"})
	his.Ended()
	other := ana.In(over).Meets(t, cleo) // on the same connection, which goes on
	ana.In(over).Says(t, other, "and you?")
	for {
		e, open := hers.Next()
		if !open {
			t.Fatal("somebody else's stream has ended too")
		}
		if e.Text("record.content") == "and you?" {
			return
		}
	}
}
