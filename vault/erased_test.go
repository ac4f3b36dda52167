package vault

import (
	"path/filepath"
	"testing"
	"time"
)

func TestWhatWasErasedIsKnownToEveryLaterStartAndToOthers(t *testing.T) {
	v, o := begin(t)
	other := open(t, o)
	for range 2 { // the second changes nothing
		must(t, v.Forget(Member, "u1"))
	}
	must(t, v.Forget("something else", "u2"))
	for name, reader := range map[string]*Vault{"the same": v, "another process": other, "a later start": open(t, o)} {
		found, err := reader.Forgotten(Member)
		must(t, err)
		if len(found) != 1 || found[0].ID != "u1" || time.Since(found[0].At) > time.Minute {
			t.Errorf("%s reads %v", name, found)
		}
	}
	if v.Forget(Member, "") == nil || v.Forget("", "u1") == nil {
		t.Error("something erased without a kind or an id was taken")
	}
}

func TestAKeyThatWasShreddedIsNotTakenForLost(t *testing.T) {
	v, _ := begin(t)
	gone := []string{seal(t, v, "conversation:c1", november, "x"), seal(t, v, "conversation:c1", november.AddDate(0, 1, 0), "x")}
	kept := seal(t, v, "user:u1", november, "x")
	must(t, v.Shred("conversation:c1", "2026-11"))
	if held, err := v.Holds("conversation:c1"); err != nil || !held {
		t.Errorf("of a scope with a key left it says %v, %v", held, err)
	}
	must(t, v.Shred("conversation:c1", "")) // the rest
	if held, err := v.Holds("conversation:c1"); err != nil || held {
		t.Errorf("of a scope without keys it says %v, %v", held, err)
	}
	for sealed, want := range map[string]bool{gone[0]: true, gone[1]: true, kept: false} {
		if there, shredded, err := v.Knows(sealed); err != nil || there == want || shredded != want {
			t.Errorf("%s: there %v, shredded %v, %v", keyOf(sealed), there, shredded, err)
		}
	}
}

func TestAKeyStoreOfTheFirstFormatIsBroughtUpToDate(t *testing.T) {
	v, o := begin(t)
	sealed := seal(t, v, scope, november, "old")
	must(t, v.Close())
	s, _, err := openStore(filepath.Join(o.Dir, storeName))
	must(t, err)
	_, err = s.db.Exec("DROP TABLE erased; DROP TABLE shredded_keys; DROP TABLE signatures; DROP TABLE signers; PRAGMA user_version = 1")
	must(t, err)
	must(t, s.close())

	again, beside := open(t, o), open(t, o)
	mustOpen(t, again, scope, sealed, "old")
	must(t, again.Forget(Member, "u1"))
	if found, err := beside.Forgotten(Member); err != nil || len(found) != 1 {
		t.Errorf("read %v, %v", found, err)
	}
}
