package vault

import (
	"archive/tar"
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// archived is a copy of the key store of v.
func archived(t *testing.T, v *Vault) []byte {
	t.Helper()
	var copied bytes.Buffer
	must(t, v.Archive(&copied))
	return copied.Bytes()
}

func TestARestoredKeyStoreOpensEverythingAndKnowsWhatWasErased(t *testing.T) {
	v, o := begin(t)
	sealed := seal(t, v, scope, november, "kept")
	shredded := seal(t, v, "report:r1", november, "gone")
	must(t, v.Shred("report:r1", ""))
	must(t, v.Forget(Member, "u1"))
	must(t, v.Sign("audit", 3, "hash"))
	rotate(t, v)
	copied := archived(t, v)
	must(t, v.Close())
	must(t, os.RemoveAll(o.Dir))

	must(t, Restore(o, bytes.NewReader(copied)))
	wantOnly(t, o, 2)
	again := open(t, o)
	mustOpen(t, again, scope, sealed, "kept")
	mustNotOpen(t, again, "report:r1", binding, shredded)
	if found, err := again.Forgotten(Member); err != nil || len(found) != 1 {
		t.Errorf("erased: %v, %v", found, err)
	}
	if there, gone, err := again.Knows(shredded); there || !gone || err != nil {
		t.Errorf("the shredded key: there %v, shredded %v, %v", there, gone, err)
	}
	signature, err := again.Signed("audit", -1)
	must(t, err)
	must(t, again.CheckSignature(*signature))
	mustOpen(t, again, scope, seal(t, again, scope, november.AddDate(0, 1, 0), "new"), "new")
}

func TestACopyMadeDuringARotationIsWhole(t *testing.T) {
	v, o := begin(t)
	fill(t, v, 2*rewrapBatch)
	sealed := seal(t, v, scope, november, "kept")
	other := open(t, o)
	var copies [][]byte
	v.reached = func(string) {
		var copied bytes.Buffer
		if err := other.Archive(&copied); err != nil {
			t.Error(err)
		}
		copies = append(copies, copied.Bytes())
	}
	rotate(t, v)
	for i, copied := range copies {
		into := Options{Dir: filepath.Join(t.TempDir(), "keys"), DataDir: o.DataDir}
		must(t, Restore(into, bytes.NewReader(copied)))
		mustOpen(t, open(t, into), scope, sealed, "kept")
		if report, err := v.CheckArchive(bytes.NewReader(copied)); err != nil || report.Keys != 2*rewrapBatch+1 {
			t.Errorf("copy %d: %+v, %v", i, report, err)
		}
	}
}

func TestARestoreThatMustNotBeLeavesEverythingAsItWas(t *testing.T) {
	v, o := begin(t)
	seal(t, v, scope, november, "x")
	copied := archived(t, v)
	foreign, foreignOptions := begin(t)
	seal(t, foreign, scope, november, "x")
	evil := func(name string) []byte {
		var made bytes.Buffer
		w := tar.NewWriter(&made)
		must(t, w.WriteHeader(&tar.Header{Name: name, Size: 1, Mode: 0o600, Typeflag: tar.TypeReg}))
		_, err := w.Write([]byte("x"))
		must(t, err)
		must(t, w.Close())
		return made.Bytes()
	}
	empty := func() string { return filepath.Join(t.TempDir(), "pb_keys") }
	bareMaster := empty()
	write(t, filepath.Join(bareMaster, masterName(1)), newMaster(1, v.id))
	for name, tc := range map[string]struct {
		into Options
		from []byte
		say  string
	}{
		"there is a key store":                    {o, copied, "not replaced"},
		"the data belongs to another":             {Options{Dir: empty(), DataDir: foreignOptions.DataDir}, copied, "belongs to"},
		"another master key has its name":         {Options{Dir: bareMaster, DataDir: o.DataDir}, copied, "master-v1.key"},
		"it is cut off":                           {Options{Dir: empty(), DataDir: o.DataDir}, copied[:len(copied)/2], "unexpected EOF"},
		"it is empty":                             {Options{Dir: empty(), DataDir: o.DataDir}, nil, "incomplete"},
		"a byte of a key is wrong":                {Options{Dir: empty(), DataDir: o.DataDir}, flipped(copied, []byte("carecollective-master-key")), "damaged"},
		"it would write elsewhere":                {Options{Dir: empty(), DataDir: o.DataDir}, evil("../x"), "does not belong"},
		"it holds something that is not ours":     {Options{Dir: empty(), DataDir: o.DataDir}, evil("keystore.id"), "does not belong"},
		"the folders of keys and data are no two": {Options{Dir: filepath.Join(o.DataDir, "keys"), DataDir: o.DataDir}, copied, "apart"},
	} {
		t.Run(name, func(t *testing.T) {
			must(t, os.MkdirAll(tc.into.Dir, 0o700))
			if tc.into.Dir == filepath.Join(o.DataDir, "keys") {
				t.Cleanup(func() { must(t, os.Remove(tc.into.Dir)) })
			}
			before := snapshot(t, tc.into.Dir)
			if err := Restore(tc.into, bytes.NewReader(tc.from)); err == nil || !strings.Contains(err.Error(), tc.say) {
				t.Errorf("restored: %v; want it to say %q", err, tc.say)
			}
			if after := snapshot(t, tc.into.Dir); after != before {
				t.Errorf("the folder was changed:\n%.300s\nto\n%.300s", before, after)
			}
		})
	}
}

// flipped is data with one bit changed behind mark.
func flipped(data, mark []byte) []byte {
	changed := bytes.Clone(data)
	changed[bytes.Index(changed, mark)+len(mark)+25] ^= 1
	return changed
}

func TestARestoreThatWasKilledHalfwayCanBeRepeated(t *testing.T) {
	v, o := begin(t)
	sealed := seal(t, v, scope, november, "kept")
	copied := archived(t, v)
	text, err := os.ReadFile(v.Path())
	must(t, err)
	into := Options{Dir: filepath.Join(t.TempDir(), "keys"), DataDir: o.DataDir}
	must(t, os.MkdirAll(into.Dir, 0o700))
	must(t, os.WriteFile(filepath.Join(into.Dir, masterName(1)), text, 0o400)) // linked before keys.db
	if _, err := Open(into); !errors.Is(err, ErrMissingKey) {
		t.Errorf("the half was opened: %v", err)
	}
	must(t, Restore(into, bytes.NewReader(copied)))
	mustOpen(t, open(t, into), scope, sealed, "kept")
}

func TestWhatAKilledCopyLeftIsSweptByTheNextStartUnlessItIsInUse(t *testing.T) {
	v, o := begin(t)
	left, inUse := filepath.Join(o.Dir, scratch+"left"), filepath.Join(o.Dir, scratch+"used")
	write(t, filepath.Join(left, storeName), "wrapped keys")
	write(t, filepath.Join(inUse, storeName), "wrapped keys")
	release, free, err := lockFolder(inUse)
	must(t, err)
	if !free {
		t.Fatal("it is not free")
	}
	open(t, o)
	if exists(left) || !exists(inUse) {
		t.Errorf("left behind: %v, in use: %v", exists(left), exists(inUse))
	}
	must(t, release())
	archived(t, v)
	open(t, o)
	if found, _ := filepath.Glob(filepath.Join(o.Dir, scratch+"*")); len(found) != 0 {
		t.Errorf("left behind: %v", found)
	}
}

func TestVerifyNamesWhatDoesNotOpen(t *testing.T) {
	v, _ := begin(t)
	seal(t, v, scope, november, "x")
	damaged := keyOf(seal(t, v, "user:u1", november, "x"))
	must(t, v.Shred(scope, ""))
	seal(t, v, scope, november, "x")
	must(t, v.Forget(Member, "u1"))
	must(t, v.Sign("audit", 1, "hash"))
	report, err := v.Verify(nil)
	if want := (Report{Master: 1, Keys: 2, Erased: 1, Shredded: 1}); err != nil || report != want {
		t.Errorf("found %+v, %v; want %+v", report, err, want)
	}
	_, err = v.store.db.Exec("UPDATE data_keys SET box = zeroblob(72) WHERE id = ?", damaged)
	must(t, err)
	var found *DamagedKeys
	if _, err := v.Verify(nil); !errors.As(err, &found) || len(found.IDs) != 1 || found.IDs[0] != damaged {
		t.Errorf("found %v, want %s", err, damaged)
	}
	_, err = v.store.db.Exec("DELETE FROM data_keys WHERE id = ?; UPDATE signers SET box = zeroblob(72)", damaged)
	must(t, err)
	if _, err := v.Verify(nil); err == nil || !strings.Contains(err.Error(), "signatures") {
		t.Errorf("a damaged key for signatures: %v", err)
	}
}

func TestASignatureIsTheStoresAloneAndOfExactlyThis(t *testing.T) {
	v, o := begin(t)
	must(t, v.Sign("audit", 7, "abc"))
	must(t, v.Sign("audit", 7, "abc")) // says nothing new
	must(t, v.Sign("audit", 9, "def"))
	reader := open(t, o)
	last, err := reader.Signed("audit", -1)
	must(t, err)
	if last.Position != 9 || last.Hash != "def" || time.Since(last.At) > time.Minute {
		t.Errorf("the last: %+v", last)
	}
	earlier, err := reader.Signed("audit", 8)
	must(t, err)
	if earlier.Position != 7 {
		t.Errorf("the last of at most 8: %+v", earlier)
	}
	if none, err := reader.Signed("audit", 6); none != nil || err != nil {
		t.Errorf("the last of at most 6: %+v, %v", none, err)
	}
	must(t, reader.CheckSignature(*last))
	foreign, _ := begin(t)
	must(t, foreign.Sign("audit", 9, "def"))
	theirs, err := foreign.Signed("audit", -1)
	must(t, err)
	for name, forge := range map[string]func(s *Signature){
		"another position":  func(s *Signature) { s.Position++ },
		"another hash":      func(s *Signature) { s.Hash = "abc" },
		"another subject":   func(s *Signature) { s.Subject = "x" },
		"another time":      func(s *Signature) { s.At = s.At.Add(time.Second) },
		"an unknown signer": func(s *Signature) { s.Signer = 2 },
		"another store's":   func(s *Signature) { s.Value = theirs.Value },
		"no value":          func(s *Signature) { s.Value = nil },
	} {
		forged := *last
		forge(&forged)
		if err := reader.CheckSignature(forged); !errors.Is(err, ErrForged) {
			t.Errorf("%s: %v", name, err)
		}
	}
	swapped, err := foreign.store.findSigner(1)
	must(t, err)
	_, err = v.store.db.Exec("UPDATE signers SET public = ?, box = ?", []byte(swapped.public), swapped.row.box)
	must(t, err)
	if err := reader.CheckSignature(*theirs); !errors.Is(err, ErrForged) {
		t.Errorf("by a signer that was put in without the master key: %v", err)
	}
}
