package process_test

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

func TestAfterALossOfTheDiskTheReplicaHoldsAllButTheLastSecond(t *testing.T) {
	dir, replica := t.TempDir(), filepath.Join(t.TempDir(), "replica")
	t.Setenv("CARECOLLECTIVE_REPLICA", replica)
	s := serve(t, dir)
	for _, email := range []string{"ana@example.com", "ben@example.com"} {
		if code := s.register(email); code != http.StatusOK {
			t.Fatalf("registering answers %d", code)
		}
	}
	succeeds(t, dir, "superuser", "upsert", "operator@example.com", "correct horse battery") // beside the server
	waitUntilCopied(t, replica, dir, 2)
	if code := s.register("cem@example.com"); code != http.StatusOK {
		t.Fatalf("registering answers %d", code)
	}
	waitUntilCopied(t, replica, dir, 3) // while the server runs, and before it is asked to stop
	s.kill()
	check(t, os.RemoveAll(filepath.Join(dir, "pb_data")))

	fails(t, dir, "restore", "backup", "restore-replica", t.TempDir())
	succeeds(t, dir, "backup", "restore-replica", replica)
	fails(t, dir, "already exists", "backup", "restore-replica", replica)
	if got := emails(t, dir); len(got) != 3 {
		t.Errorf("restored are %v", got)
	}
	if report := command(t, dir, "audit", "verify"); report.code != 0 {
		t.Errorf("audit verify says %s", report.stderr)
	}
	again := serve(t, dir) // which goes on with the same replica
	if code := again.register("dana@example.com"); code != http.StatusOK {
		t.Fatalf("registering answers %d", code)
	}
	if code := again.stop(); code != 0 { // which copies the rest
		t.Errorf("exit code %d", code)
	}
	check(t, os.RemoveAll(filepath.Join(dir, "pb_data")))
	succeeds(t, dir, "backup", "restore-replica", replica)
	if got := emails(t, dir); len(got) != 4 {
		t.Errorf("restored after the second loss are %v", got)
	}
	serve(t, dir).stop()
}

// waitUntilCopied restores the replica into folders of its own until so many members are in it.
func waitUntilCopied(t *testing.T, replica, dir string, members int) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		into := filepath.Join(t.TempDir(), "pb_data")
		restore := exec.CommandContext(t.Context(), binary, "backup", "restore-replica", replica, "--dir", into, "--keys", filepath.Join(dir, "pb_keys"))
		if restore.Run() == nil && len(emails(t, filepath.Dir(into))) == members {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d members are not in the replica", members)
		}
	}
}

func TestAReplicaInTheDataDirectoryIsRefused(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("CARECOLLECTIVE_REPLICA", filepath.Join(dir, "pb_data", "replica"))
	fails(t, dir, "name a folder on another disk", "serve", "--http", "127.0.0.1:0")
}
