package delivery_test

import (
	"testing"

	"carecollective/delivery"
)

func TestWhoeverMissedSomethingIsToldToCatchUp(t *testing.T) {
	t.Parallel()
	w := world(t)
	ana, ben := w.Member("Ana"), w.Member("Ben")
	id := ana.Meets(t, ben)
	told, cut := ben.Listen("messages/*", "resync"), ben.Listen("messages/*")
	delivery.Flood(w.Live)
	if e := told.Want("resync"); e.Text("reason") != "behind" {
		t.Errorf("the reason is %s", e.Raw)
	}
	cut.Ended()
	ana.Says(t, id, "afterwards")
	if e := told.Want("messages/*"); e.Text("record.content") != "afterwards" {
		t.Errorf("heard %s", e.Raw)
	}
}
