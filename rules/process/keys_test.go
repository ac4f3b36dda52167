package process_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"
)

func TestTheMasterKeyIsRotatedBesideTheServer(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := serve(t, dir)
	said := succeeds(t, dir, "keys", "rotate")
	if !strings.Contains(said, "master-v2.key") || strings.Contains(said, "earlier rotation") {
		t.Errorf("said %q", said)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "pb_keys", "*.key")); len(left) != 1 || filepath.Base(left[0]) != "master-v2.key" {
		t.Errorf("the key files are %v", left)
	}
	if code := s.register("ana@example.com"); code != http.StatusOK {
		t.Errorf("registering afterwards answers %d", code)
	}
	if code := s.stop(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	serve(t, dir).stop() // which opens the sealed key of the settings
	if said := succeeds(t, dir, "keys", "verify"); !strings.Contains(said, "master key 2 opens all of") {
		t.Errorf("verify said %q", said)
	}
}

func TestACopyOfTheKeysBringsALostKeyStoreBack(t *testing.T) {
	t.Parallel()
	identity, err := age.GenerateX25519Identity()
	check(t, err)
	for name, lock := range map[string]struct{ backup, open []string }{
		"with a passphrase": {[]string{"--passphrase-file", "secret"}, []string{"--passphrase-file", "secret"}},
		"for a recipient":   {[]string{"--recipient", identity.Recipient().String()}, []string{"--identity", "identity"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			check(t, os.WriteFile(filepath.Join(dir, "secret"), []byte("five random words of mine\nmore\n"), 0o600))
			check(t, os.WriteFile(filepath.Join(dir, "wrong"), []byte("five other words of mine\n"), 0o600))
			check(t, os.WriteFile(filepath.Join(dir, "identity"), []byte(identity.String()+"\n"), 0o600))
			s := serve(t, dir)
			backup := append([]string{"keys", "backup", "copy.age"}, lock.backup...)
			if said := succeeds(t, dir, backup...); said != "copy.age\n" {
				t.Errorf("said %q", said)
			}
			fails(t, dir, "file exists", backup...)
			s.stop()
			info, err := os.Stat(filepath.Join(dir, "copy.age"))
			check(t, err)
			if info.Mode().Perm() != 0o600 {
				t.Errorf("the copy has the mode %o", info.Mode().Perm())
			}
			if said := succeeds(t, dir, append([]string{"keys", "verify", "copy.age"}, lock.open...)...); !strings.Contains(said, "is intact") {
				t.Errorf("verify said %q", said)
			}

			restore := append([]string{"keys", "restore", "copy.age"}, lock.open...)
			fails(t, dir, "not replaced", restore...)
			check(t, os.RemoveAll(filepath.Join(dir, "pb_keys")))
			fails(t, dir, "missing key", "serve", "--http", "127.0.0.1:0")
			fails(t, dir, "wrong passphrase or identity", "keys", "restore", "copy.age", "--passphrase-file", "wrong")
			if _, err := os.Stat(filepath.Join(dir, "pb_keys")); !os.IsNotExist(err) {
				t.Errorf("a restore that failed has left pb_keys: %v", err)
			}
			succeeds(t, dir, restore...)
			serve(t, dir).stop()
		})
	}
}

func TestAPassphraseIsNeededAndLongEnough(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	serve(t, dir).stop()
	fails(t, dir, "a passphrase is needed", "keys", "backup", "copy.age")
	check(t, os.WriteFile(filepath.Join(dir, "short"), []byte("short\n"), 0o600))
	fails(t, dir, "too short", "keys", "backup", "copy.age", "--passphrase-file", "short")
	fails(t, dir, "not both", "keys", "backup", "copy.age", "--passphrase-file", "short", "--recipient", "age1x")
	fails(t, dir, "age1...", "keys", "backup", "copy.age", "--recipient", "nobody")
	for _, name := range files(t, dir) {
		if strings.Contains(name, "copy.age") {
			t.Errorf("left behind: %s", name)
		}
	}
}

func TestACopyOfTheKeysIsUnpackedInTheirFolderAlone(t *testing.T) {
	dir := t.TempDir()
	serve(t, dir).stop()
	t.Setenv("CARECOLLECTIVE_PASSPHRASE", "five random words of mine")
	succeeds(t, dir, "keys", "backup", "copy.age")
	t.Setenv("TMPDIR", filepath.Join(dir, "nowhere")) // where nothing can be made
	succeeds(t, dir, "keys", "verify", "copy.age")
	for _, name := range files(t, filepath.Join(dir, "pb_keys")) {
		if strings.Contains(name, ".keystore-") {
			t.Errorf("left behind: %s", name)
		}
	}
}

func TestThePassphraseMayStandInTheEnvironment(t *testing.T) {
	dir := t.TempDir()
	serve(t, dir).stop()
	t.Setenv("CARECOLLECTIVE_PASSPHRASE", "five random words of mine")
	succeeds(t, dir, "keys", "backup", "copy.age")
	succeeds(t, dir, "keys", "verify", "copy.age")
	t.Setenv("CARECOLLECTIVE_PASSPHRASE", "five other words of mine")
	fails(t, dir, "wrong passphrase or identity", "keys", "verify", "copy.age")
}
