package server

import (
	"os"
	"path/filepath"
	"testing"

	"carecollective/vault"
)

func TestTheKeyOfTheSettingsIsMadeOnceAndLiesSealed(t *testing.T) {
	dataDir, keysDir := t.TempDir(), t.TempDir()
	keys, err := vault.Open(vault.Options{Dir: keysDir, DataDir: dataDir})
	if err != nil {
		t.Fatal(err)
	}
	defer keys.Close()
	first, err := SettingsKey(dataDir, keys)
	if err != nil || len(first) != settingsKeyLength {
		t.Fatalf("got %q, %v", first, err)
	}
	if again, err := SettingsKey(dataDir, keys); err != nil || again != first {
		t.Errorf("the second time it is %q, %v", again, err)
	}
	path := filepath.Join(dataDir, settingsKeyFile)
	if sealed, err := os.ReadFile(path); err != nil || string(sealed) == first {
		t.Errorf("on the disk lies %q, %v", sealed, err)
	}
	if err := os.WriteFile(path, []byte("something else"), 0o600); err != nil {
		t.Fatal(err)
	}
	if key, err := SettingsKey(dataDir, keys); err == nil {
		t.Errorf("a damaged file gives %q", key)
	}
}
