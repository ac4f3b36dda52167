package server

import (
	"errors"
	"fmt"
	"os"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/vault"
)

// OpenCopy opens a copy of a data directory, such as an unpacked backup, with the keys in keysDir, and migrates its schema. No
// behaviour is bound to it: it is only for reading. encryptionEnv names the variable with the key of its settings, as for PocketBase.
func OpenCopy(dataDir, keysDir, encryptionEnv string) (app core.App, closeCopy func() error, err error) {
	keys, err := vault.Open(vault.Options{Dir: keysDir, DataDir: dataDir})
	if err != nil {
		return nil, nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, keys.Close())
		}
	}()
	if encryptionEnv == settingsKeyEnv {
		secret, err := SettingsKey(dataDir, keys)
		if err == nil {
			err = os.Setenv(settingsKeyEnv, secret)
		}
		if err != nil {
			return nil, nil, err
		}
	}
	app = core.NewBaseApp(core.BaseAppConfig{DataDir: dataDir, DBConnect: ConnectDB, EncryptionEnv: encryptionEnv})
	collections.UseVault(app, keys)
	if err := app.Bootstrap(); err != nil {
		return nil, nil, fmt.Errorf("open its database: %w", err)
	}
	if err := app.RunAllMigrations(); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("bring its schema up to date: %w", err), app.ResetBootstrapState())
	}
	return app, func() error { return errors.Join(app.ResetBootstrapState(), keys.Close()) }, nil
}
