package vault

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// fill makes n data keys in one transaction.
func fill(t testing.TB, v *Vault, n int) {
	t.Helper()
	tx, err := v.store.db.Begin()
	must(t, err)
	insert, err := tx.Prepare("INSERT INTO data_keys (id, scope, month, master, box) VALUES (?, ?, ?, ?, ?)")
	must(t, err)
	for i := range n {
		w := v.masters[1].newKey(fmt.Sprintf("conversation:%d", i), "2026-11")
		_, err := insert.Exec(w.id, w.scope, w.month, w.master, w.box)
		must(t, err)
	}
	must(t, tx.Commit())
}

func rotate(t testing.TB, v *Vault) Rotation {
	t.Helper()
	done, err := v.Rotate(context.Background(), nil)
	must(t, err)
	return done
}

// wantOnly fails unless one master key is left, in the folder and in the store, and it wraps everything.
func wantOnly(t *testing.T, o Options, version int) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(o.Dir, "*"))
	must(t, err)
	hidden, err := filepath.Glob(filepath.Join(o.Dir, ".*"))
	must(t, err)
	for _, path := range append(files, hidden...) {
		if name := filepath.Base(path); name != masterName(version) && !strings.HasPrefix(name, storeName) {
			t.Errorf("after the rotation there is still %s", name)
		}
	}
	v := open(t, o)
	versions, err := v.store.masterVersions()
	must(t, err)
	foreign, err := v.countForeign(version)
	must(t, err)
	if len(versions) != 1 || !versions[version] || foreign != 0 {
		t.Errorf("the store knows the master keys %v, %d data keys are wrapped by others", versions, foreign)
	}
}

func TestAfterARotationEverythingOpensWithTheNewMasterKeyAlone(t *testing.T) {
	v, o := begin(t)
	sealed := map[string]string{}
	for _, scope := range []string{"a", "b", "c"} {
		sealed[scope] = seal(t, v, scope, november, "in "+scope)
	}
	must(t, v.Sign("audit", 1, "hash"))
	fill(t, v, rewrapBatch+10)
	last := -1
	done, err := v.Rotate(context.Background(), func(done, total int) {
		if done < last || total != rewrapBatch+13 {
			t.Errorf("progress went from %d to %d of %d", last, done, total)
		}
		last = done
	})
	must(t, err)
	if done != (Rotation{Version: 2, Wrapped: rewrapBatch + 13}) || last != rewrapBatch+13 {
		t.Errorf("rotated: %+v, last progress %d", done, last)
	}
	wantOnly(t, o, 2)
	for name, reader := range map[string]*Vault{"the same": v, "a later start": open(t, o)} {
		for scope, text := range sealed {
			mustOpen(t, reader, scope, text, "in "+scope)
		}
		signature, err := reader.Signed("audit", -1)
		must(t, err)
		if err := reader.CheckSignature(*signature); err != nil {
			t.Errorf("%s: the signature from before: %v", name, err)
		}
	}
	if again := rotate(t, v); again != (Rotation{Version: 3, Wrapped: rewrapBatch + 13}) {
		t.Errorf("rotated again: %+v", again)
	}
	wantOnly(t, o, 3)
}

func TestAServerBesideARotationUsesTheNewMasterKeyAtOnce(t *testing.T) {
	v, o := begin(t)
	server := open(t, o)
	sealed := seal(t, server, scope, november, "before")
	rotate(t, v)
	fresh := seal(t, server, "made after", november, "after")
	row, err := v.store.find("made after", "2026-11")
	must(t, err)
	if row.master != 2 {
		t.Errorf("the server wrapped a new key with master key %d", row.master)
	}
	mustOpen(t, server, scope, sealed, "before")
	mustOpen(t, v, "made after", fresh, "after")
	if _, kept := server.masters[1]; kept {
		t.Error("the server still holds the master key that was destroyed")
	}
}

func TestServersThatSealDuringRotationsLoseNothing(t *testing.T) {
	v, o := begin(t)
	fill(t, v, 3*rewrapBatch)
	const servers, each = 3, 60
	sealed := make([][]string, servers)
	var group sync.WaitGroup
	for i := range servers {
		server := open(t, o)
		group.Go(func() {
			for n := range each {
				text, err := server.Seal(fmt.Sprintf("server %d:%d", i, n), november, binding, []byte("x"))
				if err != nil {
					t.Error(err)
					return
				}
				sealed[i] = append(sealed[i], text)
			}
		})
	}
	for range 2 {
		group.Go(func() { // two rotations at once end up as one or as two
			if _, err := open(t, o).Rotate(context.Background(), nil); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	rotate(t, v)
	reader := open(t, o)
	for i := range sealed {
		for n, text := range sealed[i] {
			mustOpen(t, reader, fmt.Sprintf("server %d:%d", i, n), text, "x")
		}
	}
}

func TestADamagedDataKeyStopsARotationBeforeAnythingIsDestroyed(t *testing.T) {
	v, o := begin(t)
	sealed := seal(t, v, scope, november, "kept")
	damaged := seal(t, v, "zz", november, "x")
	_, err := v.store.db.Exec("UPDATE data_keys SET box = zeroblob(72) WHERE id = ?", keyOf(damaged))
	must(t, err)
	if _, err := v.Rotate(context.Background(), nil); err == nil || !strings.Contains(err.Error(), keyOf(damaged)) {
		t.Errorf("rotated: %v", err)
	}
	if !exists(filepath.Join(o.Dir, masterName(1))) {
		t.Error("the old master key is gone")
	}
	mustOpen(t, open(t, o), scope, sealed, "kept")
}

// stepsOfARotation are all points at which a rotation may be killed, in order.
var stepsOfARotation = []string{
	"master key made", "master key announced", "batch wrapped", "all wrapped", "old masters retired", "old master key put aside",
	"old master key destroyed",
}

func TestARotationKilledAtAnyStepIsFinishedByTheNext(t *testing.T) {
	if dir := os.Getenv("ROTATION_DIR"); dir != "" {
		rotateUntilKilled(t, dir)
	}
	for _, step := range stepsOfARotation {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			o := Options{Dir: filepath.Join(root, "pb_keys"), DataDir: filepath.Join(root, "pb_data")}
			v := open(t, o)
			sealed := seal(t, v, scope, november, "kept")
			must(t, v.Sign("audit", 1, "hash"))
			fill(t, v, rewrapBatch+1)
			must(t, v.Close())

			child := exec.Command(os.Args[0], "-test.run=^TestARotationKilledAtAnyStepIsFinishedByTheNext$") //nolint:gosec // this very test
			child.Env = append(os.Environ(), "ROTATION_DIR="+root, "ROTATION_STEP="+step)
			var status *exec.ExitError
			if out, err := child.CombinedOutput(); !errors.As(err, &status) || status.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
				t.Fatalf("the rotation was not killed at this step: %v\n%s", err, out)
			}

			after := open(t, o) // a start in between finds everything
			mustOpen(t, after, scope, sealed, "kept")
			done := rotate(t, after)
			if step == "old master key destroyed" { // nothing was left to be finished
				if done.Resumed || done.Version != 3 {
					t.Errorf("rotated: %+v", done)
				}
				return
			}
			if !done.Resumed || done.Version != 2 {
				t.Errorf("rotated: %+v, want the rotation to 2 to be finished", done)
			}
			wantOnly(t, o, 2)
			again := open(t, o)
			mustOpen(t, again, scope, sealed, "kept")
			signature, err := again.Signed("audit", -1)
			must(t, err)
			must(t, again.CheckSignature(*signature))
		})
	}
}

// rotateUntilKilled is what the child process does.
func rotateUntilKilled(t *testing.T, root string) {
	v, err := Open(Options{Dir: filepath.Join(root, "pb_keys"), DataDir: filepath.Join(root, "pb_data")})
	must(t, err)
	v.reached = func(step string) {
		if step == os.Getenv("ROTATION_STEP") {
			must(t, syscall.Kill(os.Getpid(), syscall.SIGKILL))
			select {} // until it arrives
		}
	}
	rotate(t, v)
}

// BenchmarkRotate rotates a key store of a million data keys: go test ./vault -run none -bench Rotate -benchtime 1x
func BenchmarkRotate(b *testing.B) {
	v, _ := begin(b)
	fill(b, v, 1_000_000)
	b.ResetTimer()
	for range b.N {
		rotate(b, v)
	}
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/rotation")
}
