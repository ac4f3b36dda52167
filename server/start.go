package server

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/spf13/cobra"

	"carecollective/collections"
	"carecollective/commands"
	"carecollective/internal/background"
	"carecollective/internal/bind"
	"carecollective/vault"
)

// start brings the program from a parsed command line to the point where the chosen command can run. Its steps are in
// the order of what they leave behind: whatever fails first has written nothing.
type start struct {
	app      core.App
	config   Config
	listener net.Listener
	dir      *dataDir
	keys     *vault.Vault
}

// prepare runs before every command.
func (s *start) prepare(command *cobra.Command, args []string) error {
	if command.HasSubCommands() {
		return nil // it only prints its help
	}
	if command.Annotations[commands.NoData] != "" {
		return nil
	}
	if command.Annotations[commands.NeedsData] != "" && !hasData(s.app.DataDir()) {
		return fmt.Errorf("there is no data in %s yet: run `serve` first, or name another directory with --dir", s.app.DataDir())
	}
	serving := command.Name() == "serve"
	if serving {
		if err := apart(s.config.Replica, s.app.DataDir()); err != nil {
			return err
		}
		if err := s.listen(command, args); err != nil {
			return err
		}
	}
	if err := s.openStore(serving); err != nil {
		return errors.Join(err, s.giveUp())
	}
	if err := s.tellLoss(); err != nil {
		return err
	}
	if err := s.app.Bootstrap(); err != nil {
		return fmt.Errorf("open the database in %s: %w", s.app.DataDir(), err)
	}
	if err := s.migrate(command); err != nil || !serving {
		return err
	}
	return hold(s.app)
}

// listen opens the port before anything is written, and passes it to PocketBase when it begins to serve.
func (s *start) listen(command *cobra.Command, domains []string) error {
	address, extra, err := addresses(command, domains)
	if err != nil {
		return err
	}
	if extra != "" { // PocketBase opens this one itself and drops the error
		if err := tryAddress(extra); err != nil {
			return err
		}
	}
	if s.listener, err = net.Listen("tcp", address); err != nil {
		return cannotListen(address, err)
	}
	s.app.OnServe().Bind(bind.At(background.Process, "listener", s.handOver))
	return nil
}

// handOver gives the port to PocketBase.
func (s *start) handOver(e *core.ServeEvent) error {
	e.Listener = s.listener
	if !onTerminal() {
		e.InstallerFunc = nil // it makes an account in the background, even while the server stops
		if err := explainInstaller(e.App); err != nil {
			return err
		}
	}
	if _, port, _ := net.SplitHostPort(e.Server.Addr); port == "0" {
		e.Server.Addr = s.listener.Addr().String() // so that the banner shows the port that was found
	}
	return e.Next()
}

// explainInstaller replaces the link with which PocketBase lets anyone who reads it create the first superuser:
// where nobody sits in front of the output, the link would end up in a log.
func explainInstaller(app core.App) error {
	superusers, err := app.CountRecords(core.CollectionNameSuperusers, dbx.Not(dbx.HashExp{"email": core.DefaultInstallerEmail}))
	if err == nil && superusers == 0 {
		fmt.Printf("There is no superuser yet. Create one with: %s superuser upsert EMAIL PASSWORD\n", os.Args[0])
	}
	return err
}

func onTerminal() bool {
	info, err := os.Stdout.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// addresses returns where `serve` will listen, by PocketBase's own rules: main for the API, and extra for the redirects
// to HTTPS, if any.
func addresses(command *cobra.Command, domains []string) (main, extra string, err error) {
	plain, err := command.Flags().GetString("http")
	if err != nil {
		return "", "", err
	}
	secure, err := command.Flags().GetString("https")
	if err != nil {
		return "", "", err
	}
	if plain == "" && len(domains) == 0 {
		plain = "127.0.0.1:8090"
	} else if plain == "" {
		plain = "0.0.0.0:80"
	}
	if secure == "" && len(domains) > 0 {
		secure = "0.0.0.0:443"
	}
	if secure != "" {
		return secure, plain, nil
	}
	return plain, "", nil
}

func tryAddress(address string) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return cannotListen(address, err)
	}
	return listener.Close()
}

func cannotListen(address string, err error) error {
	var cause *os.SyscallError
	if errors.As(err, &cause) {
		err = cause.Err
	}
	return fmt.Errorf("cannot listen on %s: %w (choose another address with --http)", address, err)
}

// openStore opens the directory and the keys, in this order: a directory that is not ours to use must not get keys.
func (s *start) openStore(serving bool) (err error) {
	if s.dir, err = openDataDir(s.app.DataDir()); err != nil {
		return err
	}
	if serving {
		if err := s.dir.claim(); err != nil {
			return err
		}
	}
	if s.keys, err = vault.Open(vault.Options{Dir: s.config.KeysDir, DataDir: s.app.DataDir()}); err != nil {
		return err
	}
	if s.keys.Created() {
		fmt.Fprintf(os.Stderr, "A new key was created: %s. Back it up now, and keep it apart from the data: without it, sealed data can never be read again.\n", s.keys.Path())
	}
	collections.UseVault(s.app, s.keys)
	return s.keySettings()
}

// keySettings has PocketBase keep its settings encrypted, unless the operator sees to that.
func (s *start) keySettings() error {
	if s.app.EncryptionEnv() != settingsKeyEnv {
		return nil
	}
	key, err := SettingsKey(s.app.DataDir(), s.keys)
	if err != nil {
		return err
	}
	return os.Setenv(settingsKeyEnv, key)
}

// close puts the keys away once nothing uses them any more.
func (s *start) close() error {
	if s.keys == nil {
		return nil
	}
	return s.keys.Close()
}

// tellLoss looks at the log before the database is opened, which would repair the log and hide the loss.
func (s *start) tellLoss() error {
	loss, err := noteLoss(s.app.DataDir(), time.Now())
	if loss != "" {
		fmt.Fprintln(os.Stderr, loss)
	}
	return err
}

func (s *start) giveUp() error {
	if s.dir == nil {
		return nil
	}
	return s.dir.undo()
}

// migrate updates the schema for every command, except those that inspect it or migrate by hand.
func (s *start) migrate(command *cobra.Command) error {
	if command.Name() == "migrate" || command.Annotations[commands.KeepsSchema] != "" {
		return nil
	}
	if err := s.app.RunAllMigrations(); err != nil {
		return fmt.Errorf("bring the schema up to date: %w", err)
	}
	return nil
}

func hasData(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "data.db"))
	return err == nil
}

// oneLine formats an error on a single line.
func oneLine(err error) string {
	return strings.Join(strings.FieldsFunc(err.Error(), func(r rune) bool { return r == '\n' || r == '\r' }), "; ")
}
