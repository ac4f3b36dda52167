package process_test

import (
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestCommandsThatCannotRunSayWhyAndWriteNothing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		args   []string
		reason string
	}{
		"an unknown command":                   {[]string{"sevre"}, "unknown command"},
		"an unknown flag":                      {[]string{"--bogus"}, "unknown flag"},
		"an unknown flag of a command":         {[]string{"serve", "--htpp", ":1"}, "unknown flag"},
		"an unknown superuser command":         {[]string{"superuser", "crate"}, "unknown command"},
		"an unknown migrate command":           {[]string{"migrate", "upp"}, "unknown command"},
		"an unknown moderator command":         {[]string{"moderator", "ad"}, "unknown command"},
		"an unknown door":                      {[]string{"serve", "--unlock", "window"}, "window"},
		"a proxy that is no address":           {[]string{"serve", "--trusted-proxies", "here"}, "here"},
		"a superuser without a password":       {[]string{"superuser", "create", "a@example.com"}, "password"},
		"a superuser with a weak password":     {[]string{"superuser", "upsert", "a@example.com", "1234567"}, "password"},
		"a superuser without a proper address": {[]string{"superuser", "create", "a", "1234567890"}, "e-mail"},
		"a moderator without an address":       {[]string{"moderator", "add"}, "e-mail"},
		"a moderator before there are members": {[]string{"moderator", "add", "a@example.com"}, "no data"},
		"a doctor before there is data":        {[]string{"doctor"}, "no data"},
		"a superuser who is not there yet":     {[]string{"superuser", "update", "a@example.com", "1234567890"}, "no data"},
		"a code for nobody":                    {[]string{"superuser", "otp", "a@example.com"}, "no data"},
		"a data directory below a file":        {[]string{"serve", "--http", "127.0.0.1:0", "--dir", "/dev/null/pb_data"}, "not a directory"},
		"a data directory nobody can make":     {[]string{"serve", "--http", "127.0.0.1:0", "--dir", "/proc/none/pb_data"}, "cannot write"},
		"keys inside the data directory":       {[]string{"serve", "--http", "127.0.0.1:0", "--keys", "pb_data/keys"}, "keys"},
		"an address of another machine":        {[]string{"serve", "--http", "192.0.2.1:80"}, "cannot listen"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			fails(t, dir, c.reason, c.args...)
			if left := files(t, dir); len(left) > 0 {
				t.Errorf("these were written: %v", left)
			}
		})
	}
}

func TestHelpAndVersionWriteNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, args := range [][]string{nil, {"--help"}, {"--version"}, {"serve", "--help"}, {"superuser"}, {"moderator"}} {
		succeeds(t, dir, args...)
	}
	if left := files(t, dir); len(left) > 0 {
		t.Errorf("these were written: %v", left)
	}
}

func TestATakenPortStopsTheStart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	fails(t, dir, "cannot listen", "serve", "--http", taken.Addr().String())
	if left := files(t, dir); len(left) > 0 {
		t.Errorf("these were written: %v", left)
	}
}

func TestAFreshDirectoryServesAtOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	server := serve(t, dir)
	if code, body := server.get("/"); code != 200 || !strings.Contains(body, "Care Collective") {
		t.Errorf("/ answers %d %s", code, body)
	}
	if code, _ := server.get("/api/none"); code != 404 {
		t.Errorf("an unknown route answers %d", code)
	}
	if code, _ := server.get("/none.js"); code != 404 {
		t.Errorf("a missing file answers %d", code)
	}
	if code := server.stop(); code != 0 {
		t.Errorf("exit code %d after SIGTERM", code)
	}
	key := filepath.Join(dir, "pb_keys", "master-v1.key")
	if said := server.stderr.String(); strings.Count(said, "\n") != 1 || !strings.Contains(said, key) {
		t.Errorf("want one line that names the key, got %q", said)
	}
	again := serve(t, dir)
	if code := again.stop(); code != 0 || again.stderr.String() != "" {
		t.Errorf("the second start ends with %d and says %q", code, again.stderr)
	}
}

func TestASecondServerOnTheSameDirectoryIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	server := serve(t, dir)
	fails(t, dir, "another server", "serve", "--http", "127.0.0.1:0")
	server.kill()
	if code := serve(t, dir).stop(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

func TestCommandsRunBesideAServer(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	serve(t, dir)
	succeeds(t, dir, "superuser", "upsert", "root@example.com", "1234567890")
	if code := succeeds(t, dir, "invite"); strings.TrimSpace(code) == "" || strings.Count(code, "\n") != 1 {
		t.Errorf("want a code alone on its line, got %q", code)
	}
	fails(t, dir, "no member", "moderator", "add", "nobody@example.com")
	succeeds(t, dir, "moderator", "list")
	if report := command(t, dir, "doctor"); report.code != 1 || faults(report.stdout) != 0 {
		t.Errorf("a fresh directory is not well:\n%s", report.stdout)
	}
}

// faults counts what the doctor finds to be wrong, beside the sender of mails, which a fresh directory does not have yet.
func faults(report string) int {
	found := 0
	for line := range strings.Lines(report) {
		if strings.HasPrefix(line, "FAIL") && !strings.Contains(line, `mails come from "support@example.com"`) {
			found++
		}
	}
	return found
}

func TestKeysThatAreNotRightStopTheStart(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(t *testing.T, keys string){
		"missing": func(t *testing.T, keys string) {
			check(t, os.Rename(keys, keys+"-elsewhere"))
		},
		"those of another directory": func(t *testing.T, keys string) {
			other := t.TempDir()
			serve(t, other).stop()
			check(t, os.RemoveAll(keys))
			check(t, os.CopyFS(keys, os.DirFS(filepath.Join(other, "pb_keys"))))
			check(t, os.Chmod(filepath.Join(keys, "master-v1.key"), 0o400))
		},
		"readable for everybody": func(t *testing.T, keys string) {
			check(t, os.Chmod(filepath.Join(keys, "master-v1.key"), 0o444))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			serve(t, dir).stop()
			spoil(t, filepath.Join(dir, "pb_keys"))
			before := files(t, dir)
			fails(t, dir, "key", "serve", "--http", "127.0.0.1:0")
			fails(t, dir, "key", "invite")
			if after := files(t, dir); !slices.Equal(before, after) {
				t.Errorf("written: %v, was %v", after, before)
			}
		})
	}
}

func TestAFirstStartThatWasKilledIsFinishedByTheNext(t *testing.T) {
	t.Parallel()
	rounds := 12
	if testing.Short() {
		rounds = 3
	}
	whole := timeOfFirstStart(t)
	for round := range rounds {
		dir := t.TempDir()
		server := launch(t, dir)
		time.Sleep(rand.N(whole)) // the moment of the kill is what is tried here
		server.kill()
		next := serve(t, dir)
		if report := command(t, dir, "doctor"); faults(report.stdout) != 0 {
			t.Errorf("round %d: %s", round, report.stdout)
		}
		next.kill()
	}
}

func timeOfFirstStart(t *testing.T) time.Duration {
	t.Helper()
	begun := time.Now()
	serve(t, t.TempDir()).kill()
	return time.Since(begun)
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
