package server

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/spf13/cobra"
)

func read(t *testing.T, args ...string) (Config, error) {
	t.Helper()
	root := &cobra.Command{FParseErrWhitelist: cobra.FParseErrWhitelist{UnknownFlags: true}}
	return ReadConfig(root, "/srv/pb_data", args)
}

func TestConfigIsReadFromFlagsAmongThoseOfTheCommand(t *testing.T) {
	config, err := read(t, "serve", "--http", "127.0.0.1:1", "--unlock", "batch, sql", "--keys", "/k", "--trusted-proxies=10.1.2.3/8,::1")
	if err != nil {
		t.Fatal(err)
	}
	if config.KeysDir != "/k" || !slices.Equal(config.Unlock, []string{DoorBatch, DoorSQL}) {
		t.Errorf("got %+v", config)
	}
	var trusted []string
	for _, prefix := range config.TrustedProxies {
		trusted = append(trusted, prefix.String())
	}
	if !slices.Equal(trusted, []string{"10.0.0.0/8", "::1/128"}) {
		t.Errorf("trusted are %v", trusted)
	}
}

func TestKeysLieBesideTheDataUnlessNamed(t *testing.T) {
	for dataDir, want := range map[string]string{
		"/srv/pb_data": "/srv/pb_keys",
		"/srv/data/":   "/srv/pb_keys",
		"/data":        "/pb_keys",
	} {
		if got, err := keysDirectory("", dataDir); err != nil || got != want {
			t.Errorf("keys of %s: %s, %v; want %s", dataDir, got, err, want)
		}
	}
	if got, err := keysDirectory("", "."); err != nil || filepath.Base(got) != "pb_keys" {
		t.Errorf("keys of the working directory: %s, %v", got, err)
	}
	t.Setenv("CARECOLLECTIVE_KEYS", "/env/keys")
	if config, err := read(t); err != nil || config.KeysDir != "/env/keys" {
		t.Errorf("with the environment: %+v, %v", config, err)
	}
	if config, err := read(t, "--keys", "/flag/keys"); err != nil || config.KeysDir != "/flag/keys" {
		t.Errorf("with both: %+v, %v", config, err)
	}
}

func TestWrongValuesOfFlagsAreErrors(t *testing.T) {
	for _, args := range [][]string{
		{"--unlock", "window"},
		{"--unlock", "batch,,window"},
		{"--trusted-proxies", "proxy.example"},
		{"--trusted-proxies", "10.0.0.0/33"},
	} {
		if config, err := read(t, args...); err == nil {
			t.Errorf("%v gives %+v", args, config)
		}
	}
}
