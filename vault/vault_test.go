package vault

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

var (
	november = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	binding  = Binding{Table: "messages", Record: "m1", Field: "content", Conversation: "c1", Sender: "u1", Seq: 7}
)

const scope = "conversation:c1"

// begin opens a vault in folders of its own.
func begin(t testing.TB) (*Vault, Options) {
	t.Helper()
	root := t.TempDir()
	o := Options{Dir: filepath.Join(root, "pb_keys"), DataDir: filepath.Join(root, "pb_data")}
	return open(t, o), o
}

func open(t testing.TB, o Options) *Vault {
	t.Helper()
	v, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { v.Close() }) // some tests have closed it
	return v
}

func seal(t testing.TB, v *Vault, scope string, at time.Time, plain string) string {
	t.Helper()
	sealed, err := v.Seal(scope, at, binding, []byte(plain))
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

func mustOpen(t testing.TB, v *Vault, scope, sealed, want string) {
	t.Helper()
	plain, err := v.Unseal(scope, binding, sealed)
	if err != nil || string(plain) != want {
		t.Errorf("opened as %q, %v; want %q", plain, err, want)
	}
}

func mustNotOpen(t testing.TB, v *Vault, scope string, b Binding, sealed string) {
	t.Helper()
	if plain, err := v.Unseal(scope, b, sealed); !errors.Is(err, ErrUnreadable) || plain != nil {
		t.Errorf("opened as %q, %v; want ErrUnreadable", plain, err)
	}
}

func keyOf(sealed string) string { return strings.Split(sealed, ".")[1] }

func TestWhatWasSealedOpensAgain(t *testing.T) {
	v, o := begin(t)
	for _, plain := range []string{"", "x", "Привет, 世界", "\x00\xff", strings.Repeat("a", step-lengthSize), strings.Repeat("b", 100_000)} {
		sealed := seal(t, v, scope, november, plain)
		mustOpen(t, v, scope, sealed, plain)
		mustOpen(t, open(t, o), scope, sealed, plain)
	}
}

func TestTheLengthOfASealedValueTellsOnlyItsStep(t *testing.T) {
	v, _ := begin(t)
	length := func(n int) int { return len(seal(t, v, scope, november, strings.Repeat("x", n))) }
	if length(0) != length(step-lengthSize) || length(1) != length(100) {
		t.Error("short texts of different lengths can be told apart")
	}
	if length(step-lengthSize) >= length(step-lengthSize+1) || length(step) != length(2*step-lengthSize) {
		t.Error("the steps are not of 256 bytes")
	}
}

func TestAKeyServesOneScopeAndOneUTCMonth(t *testing.T) {
	v, _ := begin(t)
	east := time.FixedZone("east", 5*3600)
	first := keyOf(seal(t, v, scope, november, "x"))
	for name, tc := range map[string]struct {
		scope string
		at    time.Time
		same  bool
	}{
		"the same month":                           {scope, november.AddDate(0, 0, 9), true},
		"the next month":                           {scope, november.AddDate(0, 1, 0), false},
		"the same month a year later":              {scope, november.AddDate(1, 0, 0), false},
		"another scope":                            {"user:u1", november, false},
		"December in the east, November in UTC":    {scope, time.Date(2026, 12, 1, 4, 59, 0, 0, east), true},
		"November in the east, still October here": {scope, time.Date(2026, 11, 1, 4, 59, 0, 0, east), false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := keyOf(seal(t, v, tc.scope, tc.at, "x")) == first; got != tc.same {
				t.Errorf("same key: %v, want %v", got, tc.same)
			}
		})
	}
}

func TestAValueThatWasMovedDoesNotOpen(t *testing.T) {
	v, _ := begin(t)
	sealed := seal(t, v, scope, november, "secret")
	seal(t, v, "conversation:c2", november, "so that this scope has a key")
	for name, move := range map[string]func(b *Binding){
		"to another table":        func(b *Binding) { b.Table = "users" },
		"to another record":       func(b *Binding) { b.Record = "m2" },
		"to another field":        func(b *Binding) { b.Field = "title" },
		"to another conversation": func(b *Binding) { b.Conversation = "c2" },
		"to another sender":       func(b *Binding) { b.Sender = "u2" },
		"to another seq":          func(b *Binding) { b.Seq = 8 },
		"to a negative seq":       func(b *Binding) { b.Seq = -7 },
		"across the border of two fields": func(b *Binding) {
			b.Record, b.Field = "m1c", "ontent"
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := binding
			move(&b)
			mustNotOpen(t, v, scope, b, sealed)
		})
	}
	mustNotOpen(t, v, "conversation:c2", binding, sealed)
	mustOpen(t, v, scope, sealed, "secret")
}

func TestAValueThatWasChangedDoesNotOpen(t *testing.T) {
	v, _ := begin(t)
	sealed := seal(t, v, scope, november, "secret")
	other := keyOf(seal(t, v, "conversation:c2", november, "x"))
	body := strings.Split(sealed, ".")[2]
	for name, changed := range map[string]string{
		"empty":               "",
		"plain text":          "secret",
		"of a later format":   "v2" + sealed[2:],
		"without a key":       "v1.." + body,
		"with an unknown key": "v1.AAAAAAAAAAAAAAAA." + body,
		"with another key":    "v1." + other + "." + body,
		"without a body":      "v1." + keyOf(sealed) + ".",
		"with a short body":   sealed[:40],
		"cut at the end":      sealed[:len(sealed)-1],
		"with more behind":    sealed + "A",
		"with a line break":   sealed + "\n",
		"with padding":        sealed + "=",
		"with a space before": " " + sealed,
	} {
		t.Run(name, func(t *testing.T) { mustNotOpen(t, v, scope, binding, changed) })
	}
	for i := range sealed {
		for _, c := range []byte("AB\n.") {
			if changed := sealed[:i] + string(c) + sealed[i+1:]; changed != sealed {
				mustNotOpen(t, v, scope, binding, changed)
			}
		}
	}
}

func TestSealingRefusesWhatCouldNotBeShreddedLater(t *testing.T) {
	v, _ := begin(t)
	if _, err := v.Seal("", november, binding, nil); err == nil {
		t.Error("sealed without a scope")
	}
	if _, err := v.Seal(scope, time.Time{}, binding, nil); err == nil {
		t.Error("sealed without a time")
	}
}

func TestParallelSealingMakesOneKey(t *testing.T) {
	first, o := begin(t)
	vaults := []*Vault{first, open(t, o)} // as of two processes
	sealed := make([]string, 32)
	var group sync.WaitGroup
	for i := range sealed {
		group.Go(func() {
			var err error
			if sealed[i], err = vaults[i%2].Seal(scope, november, binding, []byte(strconv.Itoa(i))); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	for i := range sealed {
		if keyOf(sealed[i]) != keyOf(sealed[0]) {
			t.Errorf("a second key was made")
		}
		mustOpen(t, vaults[(i+1)%2], scope, sealed[i], strconv.Itoa(i))
	}
}

func TestShreddingMakesUnreadable(t *testing.T) {
	v, o := begin(t)
	var (
		kept     = seal(t, v, "conversation:c2", november, "kept")
		october  = seal(t, v, scope, november.AddDate(0, -1, 0), "october")
		shredded = seal(t, v, scope, november, "november")
	)
	if err := v.Shred(scope, "2026-11"); err != nil {
		t.Fatal(err)
	}
	for _, v := range []*Vault{v, open(t, o)} {
		mustNotOpen(t, v, scope, binding, shredded)
		mustOpen(t, v, scope, october, "october")
		mustOpen(t, v, "conversation:c2", kept, "kept")
	}
	if err := v.Shred(scope, ""); err != nil {
		t.Fatal(err)
	}
	mustNotOpen(t, v, scope, binding, october)
	mustOpen(t, v, "conversation:c2", kept, "kept")
	mustOpen(t, v, scope, seal(t, v, scope, november, "a new key"), "a new key")
}

func TestShreddingRefusesWhatItCannotMean(t *testing.T) {
	v, _ := begin(t)
	for _, tc := range [][2]string{{"", ""}, {"", "2026-11"}, {scope, "2026"}, {scope, "2026-13"}, {scope, "%"}} {
		if err := v.Shred(tc[0], tc[1]); err == nil {
			t.Errorf("shredded %q", tc)
		}
	}
}

func TestAShreddedKeyIsNowhereInTheFolder(t *testing.T) {
	v, o := begin(t)
	var boxes [][]byte
	for i := range 50 {
		scope := "conversation:" + strconv.Itoa(i)
		seal(t, v, scope, november, "x")
		row, err := v.store.find(scope, "2026-11")
		if err != nil {
			t.Fatal(err)
		}
		boxes = append(boxes, row.box[24:56])
	}
	before := content(t, o.Dir)
	for i := range 49 {
		if err := v.Shred("conversation:"+strconv.Itoa(i), ""); err != nil {
			t.Fatal(err)
		}
	}
	after := content(t, o.Dir)
	for i, box := range boxes {
		if !bytes.Contains(before, box) || bytes.Contains(after, box) != (i == 49) {
			t.Errorf("key %d: before %v, after %v", i, bytes.Contains(before, box), bytes.Contains(after, box))
		}
	}
}

// content is what all files in dir hold.
func content(t *testing.T, dir string) (all []byte) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		text, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, text...)
	}
	return all
}

func TestAKeyThatAnotherProcessShreddedIsNotUsedAgain(t *testing.T) {
	server, o := begin(t)
	command := open(t, o)
	old := seal(t, server, scope, november, "old")
	if err := command.Shred(scope, ""); err != nil {
		t.Fatal(err)
	}
	fresh := seal(t, server, scope, november, "new")
	if keyOf(fresh) == keyOf(old) {
		t.Error("the server sealed with a shredded key")
	}
	mustOpen(t, open(t, o), scope, fresh, "new")
	mustNotOpen(t, server, scope, binding, old)
}

func TestUnsealingNoticesWithinAMomentThatAnotherProcessShredded(t *testing.T) {
	server, o := begin(t)
	sealed := seal(t, server, scope, november, "old")
	if err := open(t, o).Shred(scope, ""); err != nil {
		t.Fatal(err)
	}
	server.looked.Add(-int64(glance)) // as if the moment were over
	mustNotOpen(t, server, scope, binding, sealed)
}

func TestAKeyThatWasRelabelledInTheStoreIsNotUsed(t *testing.T) {
	for name, relabel := range map[string]string{
		"for another scope":      "UPDATE data_keys SET scope = 'conversation:c2'",
		"for another month":      "UPDATE data_keys SET month = '2030-01'",
		"under another name":     "UPDATE data_keys SET id = 'AAAAAAAAAAAAAAAA'",
		"under another master":   "UPDATE data_keys SET master = 9",
		"with some bits changed": "UPDATE data_keys SET box = zeroblob(72)",
	} {
		t.Run(name, func(t *testing.T) {
			v, o := begin(t)
			seal(t, v, scope, november, "x")
			if _, err := v.store.db.Exec(relabel); err != nil {
				t.Fatal(err)
			}
			row := wrappedKey{}
			if err := v.store.db.QueryRow("SELECT id, scope, month FROM data_keys").Scan(&row.id, &row.scope, &row.month); err != nil {
				t.Fatal(err)
			}
			at, err := time.Parse(monthFormat, row.month)
			if err != nil {
				t.Fatal(err)
			}
			v = open(t, o)
			if sealed, err := v.Seal(row.scope, at, binding, nil); err == nil {
				t.Errorf("sealed with it: %s", sealed)
			}
			if _, err := v.keyByID(row.id); err == nil {
				t.Error("unwrapped it")
			}
		})
	}
}

func TestAfterClosingNothingOpens(t *testing.T) {
	v, _ := begin(t)
	sealed := seal(t, v, scope, november, "x")
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	mustNotOpen(t, v, scope, binding, sealed)
	if _, err := v.Seal(scope, november, binding, nil); err == nil {
		t.Error("sealed after closing")
	}
}

func TestTheCacheForgetsWhatWasUsedLeast(t *testing.T) {
	c := newCache()
	for i := range cacheSize {
		c.put(&dataKey{id: strconv.Itoa(i), scope: strconv.Itoa(i)})
	}
	c.byID("0")
	c.put(&dataKey{id: "more", scope: "more"})
	if c.byID("0") == nil || c.bySlot("more", "") == nil {
		t.Error("a key that was just used is forgotten")
	}
	if c.byID("1") != nil || c.bySlot("1", "") != nil || c.keys.Len() != cacheSize || len(c.slots) != cacheSize {
		t.Error("the cache grows over its bound")
	}
}

func FuzzUnseal(f *testing.F) {
	v, _ := begin(f)
	sealed := seal(f, v, scope, november, "secret")
	f.Add(sealed, scope, "messages", "m1", "content", int64(7))
	f.Add(sealed+"\r", scope, "messages", "m1", "content", int64(7))
	f.Add("v1."+keyOf(sealed)+".AAAA", "", "", "", "", int64(0))
	f.Add("v1..", scope, "messagesm1", "", "content", int64(-1))
	f.Fuzz(func(t *testing.T, text, s, table, record, field string, seq int64) {
		b := binding
		b.Table, b.Record, b.Field, b.Seq = table, record, field, seq
		if text == sealed && s == scope && b == binding {
			mustOpen(t, v, s, text, "secret")
			return
		}
		mustNotOpen(t, v, s, b, text)
	})
}

func BenchmarkSeal(b *testing.B) {
	v, _ := begin(b)
	plain := []byte(strings.Repeat("x", 200))
	for b.Loop() {
		if _, err := v.Seal(scope, november, binding, plain); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSealWithANewKey(b *testing.B) {
	v, _ := begin(b)
	for i := 0; b.Loop(); i++ {
		if _, err := v.Seal(strconv.Itoa(i), november, binding, nil); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkUnseal(b *testing.B) {
	v, _ := begin(b)
	sealed := seal(b, v, scope, november, strings.Repeat("x", 200))
	for b.Loop() {
		if _, err := v.Unseal(scope, binding, sealed); err != nil {
			b.Fatal(err)
		}
	}
}
