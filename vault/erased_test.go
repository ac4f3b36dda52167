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

func TestShreddedKeysAreListedEachOnce(t *testing.T) {
	v, _ := begin(t)
	sealed := map[string]bool{}
	for month := range shreddedPage/2 + 10 { // with both scopes more than a page
		for _, scope := range []string{"conversation:c1", "conversation:c2"} {
			sealed[keyOf(seal(t, v, scope, november.AddDate(0, month, 0), "x"))] = true
		}
	}
	kept := keyOf(seal(t, v, "user:u1", november, "x"))
	before := time.Now().Add(-time.Minute)
	must(t, v.Shred("conversation:c1", "2026-11"))
	must(t, v.Shred("conversation:c1", ""))
	must(t, v.Shred("conversation:c2", ""))
	must(t, v.Shredded(before, func(key ShreddedKey) error {
		if !sealed[key.ID] || key.ID == kept || key.Scope == "" || key.Month < "2026-11" {
			t.Errorf("listed: %+v", key)
		}
		delete(sealed, key.ID)
		return nil
	}))
	if len(sealed) != 0 {
		t.Errorf("%d keys were not listed", len(sealed))
	}
	must(t, v.Shredded(time.Now().Add(time.Minute), func(key ShreddedKey) error {
		t.Errorf("listed although it is older: %+v", key)
		return nil
	}))
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
