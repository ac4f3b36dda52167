package server

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/pocketbase/pocketbase/tools/security"

	"carecollective/vault"
)

// settingsKeyEnv is where PocketBase looks for the key of its settings, the password of the SMTP server among them.
// Unless the operator names a variable with --encryptionEnv, a start puts the key there itself.
const settingsKeyEnv = "CARECOLLECTIVE_SETTINGS_KEY"

// settingsKeyFile lies in the data directory and in backups: it is sealed, and worth nothing without the vault's keys.
const settingsKeyFile = "settings.key"

// settingsKeyLength is what PocketBase asks of the key.
const settingsKeyLength = 32

var settingsKeyBinding = vault.Binding{Table: "_params", Record: "settings", Field: "key"}

const settingsKeyScope = "settings"

// SettingsKey reads the key of the settings, and makes it if there is none.
func SettingsKey(dataDir string, keys *vault.Vault) (string, error) {
	path := filepath.Join(dataDir, settingsKeyFile)
	sealed, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if hasData(dataDir) {
			return "", fmt.Errorf("%s is missing: restore it from the same backup as the database", path)
		}
		if err := makeSettingsKey(path, keys); err != nil {
			return "", fmt.Errorf("make the key of the settings: %w", err)
		}
		sealed, err = os.ReadFile(path)
	}
	if err != nil {
		return "", fmt.Errorf("read the key of the settings: %w", err)
	}
	key, err := keys.Unseal(settingsKeyScope, settingsKeyBinding, string(sealed))
	if err != nil {
		return "", fmt.Errorf("open %s (restore it from the same backup as the database): %w", path, err)
	}
	return string(key), nil
}

// makeSettingsKey makes the file whole or not at all. When another process is first, its key stands.
func makeSettingsKey(path string, keys *vault.Vault) error {
	key := security.RandomString(settingsKeyLength)
	sealed, err := keys.Seal(settingsKeyScope, time.Now(), settingsKeyBinding, []byte(key))
	if err != nil {
		return err
	}
	draft, err := os.CreateTemp(filepath.Dir(path), settingsKeyFile+".*")
	if err != nil {
		return err
	}
	defer os.Remove(draft.Name())
	_, err = draft.WriteString(sealed)
	if err := errors.Join(err, draft.Sync(), draft.Close()); err != nil {
		return err
	}
	if err := os.Link(draft.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncDirectory(filepath.Dir(path))
}

func syncDirectory(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
