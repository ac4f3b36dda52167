package apptest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/server"
	"carecollective/vault"
)

// settingsKeyEnv is where [Open] puts the key of PocketBase's settings.
const settingsKeyEnv = "APPTEST_SETTINGS_KEY"

// Open opens the data directory dir/pb_data with the keys in dir/pb_keys, as a server does that begins there, without
// serving. Both are made when they are missing; closeApp puts them away.
func Open(dir string) (app core.App, closeApp func() error, err error) {
	data := filepath.Join(dir, "pb_data")
	if err := os.MkdirAll(data, 0o700); err != nil {
		return nil, nil, err
	}
	keys, err := vault.Open(vault.Options{Dir: filepath.Join(dir, "pb_keys"), DataDir: data})
	if err != nil {
		return nil, nil, fmt.Errorf("make keys: %w", err)
	}
	if err := useSettingsKey(data, keys); err != nil {
		return nil, nil, errors.Join(err, keys.Close())
	}
	base := core.NewBaseApp(core.BaseAppConfig{DataDir: data, DBConnect: server.ConnectDB, EncryptionEnv: settingsKeyEnv})
	collections.UseVault(base, keys)
	server.Register(base, server.Config{})
	if err := errors.Join(base.Bootstrap(), base.RunAllMigrations()); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("make the schema: %w", err), base.ResetBootstrapState(), keys.Close())
	}
	return base, func() error { return errors.Join(base.ResetBootstrapState(), keys.Close()) }, nil
}

func useSettingsKey(data string, keys *vault.Vault) error {
	key, err := server.SettingsKey(data, keys)
	if err != nil {
		return err
	}
	return os.Setenv(settingsKeyEnv, key)
}
