package vault

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// snapshot is all that lies under root, with modes and contents.
func snapshot(t *testing.T, root string) string {
	t.Helper()
	var all strings.Builder
	tree := os.DirFS(root)
	err := fs.WalkDir(tree, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		fmt.Fprintln(&all, path, info.Mode())
		if info.Mode().IsRegular() {
			text, err := fs.ReadFile(tree, path)
			fmt.Fprintf(&all, "%x\n", text)
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	must(t, os.MkdirAll(filepath.Dir(path), 0o700))
	must(t, os.WriteFile(path, []byte(text), 0o600))
}

func TestAStartWithWrongKeysIsRefusedInOneLineAndWritesNothing(t *testing.T) {
	type world struct{ keys, data, otherKeys, otherData string }
	cases := map[string]struct {
		ruin func(t *testing.T, w world) Options // nil: keys and data
		want error
		say  string
	}{
		"the key store is gone": {func(t *testing.T, w world) Options {
			must(t, os.RemoveAll(w.keys))
			return Options{}
		}, ErrMissingKey, "restore it"},
		"the key store is gone and there is no database": {func(t *testing.T, w world) Options {
			must(t, os.RemoveAll(w.keys))
			must(t, os.Remove(filepath.Join(w.data, "data.db")))
			return Options{}
		}, ErrMissingKey, "restore it"},
		"the master key is gone": {func(t *testing.T, w world) Options {
			must(t, os.Remove(filepath.Join(w.keys, "master-v1.key")))
			return Options{}
		}, ErrMissingKey, "restore it"},
		"keys.db is gone": {func(t *testing.T, w world) Options {
			must(t, os.Remove(filepath.Join(w.keys, "keys.db")))
			return Options{}
		}, ErrMissingKey, "restore it"},
		"the database has no keystore.id": {func(t *testing.T, w world) Options {
			must(t, os.Remove(filepath.Join(w.data, "keystore.id")))
			return Options{}
		}, ErrMissingKey, "keystore.id"},
		"a foreign database has neither keystore.id nor keys": {func(t *testing.T, w world) Options {
			must(t, os.RemoveAll(w.keys))
			must(t, os.Remove(filepath.Join(w.data, "keystore.id")))
			return Options{}
		}, ErrMissingKey, "keystore.id"},
		"an unbound key store has no master key": {func(t *testing.T, w world) Options {
			must(t, os.RemoveAll(w.data))
			must(t, os.Remove(filepath.Join(w.keys, "master-v1.key")))
			return Options{}
		}, ErrMissingKey, "master-v1.key"},
		"the key store is another's": {func(_ *testing.T, w world) Options {
			return Options{Dir: w.otherKeys, DataDir: w.data}
		}, ErrWrongKey, "--keys"},
		"the master key is another's": {func(t *testing.T, w world) Options {
			must(t, os.Remove(filepath.Join(w.keys, "master-v1.key")))
			must(t, os.Rename(filepath.Join(w.otherKeys, "master-v1.key"), filepath.Join(w.keys, "master-v1.key")))
			return Options{}
		}, ErrWrongKey, "--keys"},
		"keys.db is another's": {func(t *testing.T, w world) Options {
			must(t, os.Rename(filepath.Join(w.otherKeys, "keys.db"), filepath.Join(w.keys, "keys.db")))
			return Options{}
		}, ErrWrongKey, "another key store"},
		"the master key has the right name and the wrong key": {func(t *testing.T, w world) Options {
			id, err := os.ReadFile(filepath.Join(w.data, "keystore.id"))
			must(t, err)
			path := filepath.Join(w.keys, "master-v1.key")
			must(t, os.Remove(path))
			must(t, writeFile(path, 0o400, newMaster(1, strings.TrimSpace(string(id)))))
			return Options{}
		}, ErrWrongKey, "master-v1.key"},
		"the master key is damaged": {func(t *testing.T, w world) Options {
			path := filepath.Join(w.keys, "master-v1.key")
			text, err := os.ReadFile(path)
			must(t, err)
			text[len(text)-30] ^= 1
			must(t, os.Remove(path))
			must(t, writeFile(path, 0o400, string(text)))
			return Options{}
		}, ErrWrongKey, "damaged"},
		"the master key is empty": {func(t *testing.T, w world) Options {
			must(t, os.Chmod(filepath.Join(w.keys, "master-v1.key"), 0o600))
			must(t, os.Truncate(filepath.Join(w.keys, "master-v1.key"), 0))
			return Options{}
		}, ErrWrongKey, "damaged"},
		"keys.db is damaged": {func(t *testing.T, w world) Options {
			write(t, filepath.Join(w.keys, "keys.db"), strings.Repeat("not a database ", 100))
			return Options{}
		}, nil, "restore it from its backup"},
		"keys.db is empty": {func(t *testing.T, w world) Options {
			must(t, os.Truncate(filepath.Join(w.keys, "keys.db"), 0))
			return Options{}
		}, nil, "restore it from its backup"},
		"the group may read the master key": {func(t *testing.T, w world) Options {
			must(t, os.Chmod(filepath.Join(w.keys, "master-v1.key"), 0o440))
			return Options{}
		}, ErrExposedKey, "chmod 400 "},
		"everybody may read the master key": {func(t *testing.T, w world) Options {
			must(t, os.Chmod(filepath.Join(w.keys, "master-v1.key"), 0o604))
			return Options{}
		}, ErrExposedKey, "chmod 400 "},
		"everybody may read the master key of an unfinished start": {func(t *testing.T, w world) Options {
			must(t, os.RemoveAll(w.data))
			must(t, os.Chmod(filepath.Join(w.keys, "master-v1.key"), 0o644))
			return Options{}
		}, ErrExposedKey, "chmod 400 "},
		"the keys lie in the data directory": {func(_ *testing.T, w world) Options {
			return Options{Dir: filepath.Join(w.data, "some", "keys"), DataDir: w.data}
		}, ErrMisplaced, "--keys"},
		"the keys would lie in a data directory that does not exist yet": {func(_ *testing.T, w world) Options {
			return Options{Dir: filepath.Join(w.data, "new", "keys"), DataDir: filepath.Join(w.data, "new")}
		}, ErrMisplaced, "--keys"},
		"the keys are the data directory": {func(_ *testing.T, w world) Options {
			return Options{Dir: w.data + "/../" + filepath.Base(w.data), DataDir: w.data}
		}, ErrMisplaced, "--keys"},
		"the data directory lies in the keys": {func(_ *testing.T, w world) Options {
			return Options{Dir: w.keys, DataDir: filepath.Join(w.keys, "pb_data")}
		}, ErrMisplaced, "--keys"},
		"the keys lie in the data directory by a link": {func(t *testing.T, w world) Options {
			must(t, os.Symlink(w.data, w.data+"-link"))
			return Options{Dir: filepath.Join(w.data+"-link", "keys"), DataDir: w.data}
		}, ErrMisplaced, "--keys"},
		"the keys would lie in the data directory by a link to nothing": {func(t *testing.T, w world) Options {
			must(t, os.Symlink(filepath.Join("pb_data", "keys"), w.keys+"-link"))
			return Options{Dir: w.keys + "-link", DataDir: w.data}
		}, ErrMisplaced, "--keys"},
		"the folder of the keys is not named": {func(_ *testing.T, w world) Options {
			return Options{DataDir: w.data}
		}, ErrMisplaced, "named"},
		"the folder of the keys is a file": {func(_ *testing.T, w world) Options {
			return Options{Dir: filepath.Join(w.keys, "keys.db"), DataDir: w.data}
		}, ErrNotWritable, "not a folder"},
		"the data directory would lie in a file": {func(_ *testing.T, w world) Options {
			return Options{Dir: w.keys, DataDir: filepath.Join(w.otherKeys, "keys.db", "pb_data")}
		}, nil, "not a directory"},
		"nothing may be written beside the keys": {func(t *testing.T, w world) Options {
			if os.Geteuid() == 0 {
				t.Skip("root may write everywhere")
			}
			must(t, os.Chmod(w.keys, 0o500))
			t.Cleanup(func() { must(t, os.Chmod(w.keys, 0o700)) })
			return Options{}
		}, ErrNotWritable, "permission denied"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			w := world{filepath.Join(root, "pb_keys"), filepath.Join(root, "pb_data"), filepath.Join(root, "other_keys"), filepath.Join(root, "other_data")}
			for _, o := range []Options{{w.keys, w.data}, {w.otherKeys, w.otherData}} {
				must(t, open(t, o).Close())
			}
			write(t, filepath.Join(w.data, "data.db"), "a database")
			o := tc.ruin(t, w)
			if o == (Options{}) {
				o = Options{w.keys, w.data}
			}
			before := snapshot(t, root)
			v, err := Open(o)
			if err == nil {
				v.Close() // the test has failed
				t.Fatal("it started")
			}
			if tc.want != nil && !errors.Is(err, tc.want) {
				t.Errorf("refused with %v, want %v", err, tc.want)
			}
			if text := err.Error(); strings.Contains(text, "\n") || !strings.Contains(text, tc.say) {
				t.Errorf("it does not say %q in one line: %s", tc.say, text)
			}
			if snapshot(t, root) != before {
				t.Error("something was written")
			}
		})
	}
}

func TestAFirstStartThatWasKilledIsFinishedByTheNext(t *testing.T) {
	drafts := func(t *testing.T, dir string) { // what is left of a file that was being prepared
		write(t, filepath.Join(dir, ".keystore-123", "master-v1.key"), masterNote)
		write(t, filepath.Join(dir, ".keystore-456", "keys.db"), "SQLi")
		write(t, filepath.Join(dir, ".keystore-456", "keys.db-wal"), "")
	}
	for name, undo := range map[string]func(t *testing.T, o Options){
		"before anything": func(t *testing.T, o Options) {
			must(t, os.RemoveAll(o.Dir))
			must(t, os.RemoveAll(o.DataDir))
		},
		"when the folder of the keys was made": func(t *testing.T, o Options) {
			must(t, os.RemoveAll(o.DataDir))
			must(t, os.RemoveAll(o.Dir))
			must(t, os.Mkdir(o.Dir, 0o700))
		},
		"while the master key was being written": func(t *testing.T, o Options) {
			must(t, os.RemoveAll(o.DataDir))
			must(t, os.RemoveAll(o.Dir))
			drafts(t, o.Dir)
		},
		"when the master key was in its place and its draft still there": func(t *testing.T, o Options) {
			must(t, os.RemoveAll(o.DataDir))
			must(t, os.Remove(filepath.Join(o.Dir, "keys.db")))
			must(t, os.Mkdir(filepath.Join(o.Dir, ".keystore-9"), 0o700))
			must(t, os.Link(filepath.Join(o.Dir, "master-v1.key"), filepath.Join(o.Dir, ".keystore-9", "master-v1.key")))
		},
		"while keys.db was being written": func(t *testing.T, o Options) {
			must(t, os.RemoveAll(o.DataDir))
			must(t, os.Remove(filepath.Join(o.Dir, "keys.db")))
			drafts(t, o.Dir)
		},
		"when keys.db was in its place": func(t *testing.T, o Options) {
			must(t, os.RemoveAll(o.DataDir))
			drafts(t, o.Dir)
		},
		"when the data directory was made": func(t *testing.T, o Options) {
			must(t, os.Remove(filepath.Join(o.DataDir, "keystore.id")))
		},
		"while keystore.id was being written": func(t *testing.T, o Options) {
			must(t, os.Remove(filepath.Join(o.DataDir, "keystore.id")))
			write(t, filepath.Join(o.DataDir, ".keystore-7", "keystore.id"), "")
		},
	} {
		t.Run(name, func(t *testing.T) {
			v, o := begin(t)
			must(t, v.Close())
			path := filepath.Join(o.Dir, "master-v1.key")
			undo(t, o)
			before, _ := os.ReadFile(path)

			v = open(t, o)
			after, err := os.ReadFile(path)
			must(t, err)
			if before != nil && string(before) != string(after) {
				t.Error("the master key was replaced")
			}
			if !v.Created() || v.Path() != path {
				t.Errorf("the operator is not told of the key: %v, %s", v.Created(), v.Path())
			}
			sealed := seal(t, v, scope, november, "x")
			must(t, v.Close())
			mustBeTidy(t, o)

			write(t, filepath.Join(o.DataDir, "data.db"), "")
			again := open(t, o)
			mustOpen(t, again, scope, sealed, "x")
			if again.Created() {
				t.Error("the second start says that it made the key")
			}
		})
	}
}

// mustBeTidy checks the names and modes of a key store that is closed.
func mustBeTidy(t *testing.T, o Options) {
	t.Helper()
	var found []string
	for _, dir := range []string{o.Dir, o.DataDir} {
		info, err := os.Stat(dir)
		must(t, err)
		found = append(found, fmt.Sprint(filepath.Base(dir), info.Mode()))
		entries, err := os.ReadDir(dir)
		must(t, err)
		for _, entry := range entries {
			info, err := entry.Info()
			must(t, err)
			found = append(found, fmt.Sprint(entry.Name(), info.Mode()))
		}
	}
	want := "pb_keysdrwx------ keys.db-rw------- master-v1.key-r-------- pb_datadrwx------ keystore.id-rw-------"
	if got := strings.Join(found, " "); got != want {
		t.Errorf("found %s\nwant  %s", got, want)
	}
}

func TestAStartSweepsWhatTheLastStepOfAKilledOneLeft(t *testing.T) {
	v, o := begin(t)
	must(t, v.Close())
	write(t, filepath.Join(o.DataDir, ".keystore-8", "keystore.id"), "")
	must(t, open(t, o).Close())
	mustBeTidy(t, o)
}

func TestFirstStartsAtTheSameTimeMakeOneKey(t *testing.T) {
	for range 5 {
		root := t.TempDir()
		o := Options{Dir: filepath.Join(root, "pb_keys"), DataDir: filepath.Join(root, "pb_data")}
		var group sync.WaitGroup
		sealed := make([]string, 6)
		for i := range sealed {
			group.Go(func() {
				v, err := Open(o)
				if err != nil {
					t.Error(err)
					return
				}
				if i == 0 { // PocketBase makes its database as soon as the vault is open
					if err := os.WriteFile(filepath.Join(o.DataDir, "data.db"), nil, 0o600); err != nil {
						t.Error(err)
					}
				}
				if sealed[i], err = v.Seal(scope, november, binding, []byte("x")); err != nil {
					t.Error(err)
				}
				if err := v.Close(); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		v := open(t, o)
		for _, text := range sealed {
			mustOpen(t, v, scope, text, "x")
		}
	}
}

func TestAStoreFromALaterVersionIsRefused(t *testing.T) {
	v, o := begin(t)
	_, err := v.store.db.Exec("PRAGMA user_version = 99")
	must(t, err)
	must(t, v.Close())
	if _, err := Open(o); err == nil || !strings.Contains(err.Error(), "format 99") {
		t.Errorf("opened: %v", err)
	}
}

func TestAMasterKeyThatAnotherProcessAddsIsTakenUp(t *testing.T) {
	v, o := begin(t)
	old := seal(t, v, scope, november, "old")
	path := filepath.Join(o.Dir, masterName(2))
	must(t, writeFile(path, 0o400, newMaster(2, v.masters[1].store)))
	m, err := readMaster(path)
	must(t, err)
	_, err = open(t, o).store.db.Exec("INSERT INTO masters (version, proof) VALUES (2, ?)", m.proof())
	must(t, err)

	seal(t, v, "user:u1", november, "with the new master key")
	if row, err := v.store.find("user:u1", "2026-11"); err != nil || row.master != 2 {
		t.Errorf("wrapped by master key %d, %v; want 2", row.master, err)
	}
	mustOpen(t, open(t, o), scope, old, "old")
	if v.Path() != path {
		t.Errorf("the newest master key is said to be %s", v.Path())
	}
}
