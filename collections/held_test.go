package collections_test

import (
	"testing"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
)

// A send that shares a transaction with one that fails is judged a second time, and may then have to wait.
func TestAMessageThatHadAPlaceHasNoneWhenItIsHeld(t *testing.T) {
	t.Parallel()
	m := collections.AsMessage(core.NewRecord(core.NewBaseCollection(collections.Messages)))
	m.Place(7)
	m.Hold()
	if !m.Held() {
		t.Errorf("it has the seq %d, and nobody would look at it", m.Seq())
	}
}
