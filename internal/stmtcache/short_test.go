package stmtcache

import (
	"fmt"
	"testing"

	"github.com/pocketbase/dbx"
)

func TestAShortNameStandsForItsText(t *testing.T) {
	t.Parallel()
	db := dbx.NewFromDB(open(t), "sqlite")
	const text = "SELECT {:b} || word || {:a} || {:b} FROM words WHERE word = {:b}"
	name := Short(text)
	if name == text || Short(text) != name {
		t.Fatalf("the name is %q, then %q", name, Short(text))
	}
	for range 2 {
		var got string
		if err := db.NewQuery(name).Bind(dbx.Params{"a": "x", "b": "b", "unused": 1}).Row(&got); err != nil || got != "bbxb" {
			t.Fatalf("answered %q, %v", got, err)
		}
	}
	if _, err := db.NewQuery(Short("INSERT INTO words VALUES ({:word})")).Bind(dbx.Params{"word": "d"}).Execute(); err != nil {
		t.Fatal(err)
	}
	if got := one(t, db.DB(), "SELECT word FROM words WHERE word = ?", "d"); got != "d" {
		t.Fatalf("stored %q", got)
	}
}

func TestWhatIsNoNameIsTakenAsItIs(t *testing.T) {
	t.Parallel()
	for _, query := range []string{"", "SELECT", "SELECT 1", "SELECT @", "SELECT @x", fmt.Sprint("SELECT @", mostNames+1)} {
		if got := full(query); got != query {
			t.Errorf("%q is taken for %q", query, got)
		}
	}
}
