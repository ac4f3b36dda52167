package commands

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"filippo.io/age"
	"github.com/pocketbase/pocketbase/core"
	"github.com/spf13/cobra"

	"carecollective/collections"
	"carecollective/vault"
)

// Keys returns the command for the key store in keysDir: it rotates the master key, and copies, restores and verifies the keys.
func Keys(app core.App, keysDir string) *cobra.Command {
	command := &cobra.Command{
		Use:   "keys",
		Short: "Rotates, backs up, restores and verifies the keys",
	}
	command.AddCommand(keysRotate(app), keysBackup(app), keysRestore(app, keysDir), keysVerify(app))
	return command
}

func keysRotate(app core.App) *cobra.Command {
	return &cobra.Command{
		Use:   "rotate",
		Short: "Creates a new master key, wraps every key with it and destroys the old one",
		Long: "Creates a new master key, wraps every key with it and destroys the old one. The server may be running. If it is stopped " +
			"or killed, run it again: it continues where it stopped. Back up the keys afterwards; older copies contain the old master key.",
		Args:        cobra.NoArgs,
		Annotations: map[string]string{NeedsData: "yes"},
		RunE: func(command *cobra.Command, _ []string) error {
			keys, bar := collections.Vault(app), newBar(command.ErrOrStderr(), "keys")
			done, err := keys.Rotate(command.Context(), bar.show)
			bar.end()
			if err != nil {
				return err
			}
			begun := ""
			if done.Resumed {
				begun = " This finished an earlier rotation."
			}
			_, err = fmt.Fprintf(command.OutOrStdout(), "The master key is now %s and wraps all keys (%d were rewrapped).%s Back up the keys: carecollective keys backup\n",
				keys.Path(), done.Wrapped, begun)
			return err
		},
	}
}

func keysBackup(app core.App) *cobra.Command {
	var locks locks
	output := ""
	command := &cobra.Command{
		Use:   "backup [FILE]",
		Short: "Copies all keys into one encrypted age file",
		Long: "Copies all keys into one file, encrypted with age for the recipients or with a passphrase. The server may be running. FILE is " +
			"never overwritten; - is standard output. The passphrase comes from --passphrase-file, " + passphraseEnv + " or the terminal.",
		Args:        cobra.MaximumNArgs(1),
		Annotations: map[string]string{NeedsData: "yes"},
		RunE: func(command *cobra.Command, args []string) error {
			recipients, err := locks.recipients(command)
			if err != nil {
				return err
			}
			if len(args) == 1 {
				output = args[0]
			}
			if output == "" {
				output = "carecollective-keys-" + time.Now().UTC().Format("20060102-150405") + ".age"
			}
			encrypted := func(w io.Writer) error { return archiveKeys(w, collections.Vault(app), recipients) }
			if output == "-" {
				return encrypted(command.OutOrStdout())
			}
			if err := writeNew(output, encrypted); err != nil {
				return err
			}
			_, err = fmt.Fprintln(command.OutOrStdout(), output)
			return err
		},
	}
	command.Flags().StringVar(&output, "output", "", "the file to write (default carecollective-keys-TIME.age here)")
	locks.addRecipients(command.Flags())
	return command
}

func archiveKeys(w io.Writer, keys *vault.Vault, recipients []age.Recipient) error {
	sealed, err := age.Encrypt(w, recipients...)
	if err != nil {
		return fmt.Errorf("encrypt the copy of the keys: %w", err)
	}
	if err := keys.Archive(sealed); err != nil {
		return err
	}
	if err := sealed.Close(); err != nil {
		return fmt.Errorf("write the copy of the keys: %w", err)
	}
	return nil
}

// writeNew creates a private file, complete and durable, or not at all. It overwrites nothing.
func writeNew(path string, write func(io.Writer) error) error {
	draft, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*") // which is private
	if err != nil {
		return fmt.Errorf("make %s: %w", path, err)
	}
	defer os.Remove(draft.Name())
	if err := errors.Join(write(draft), draft.Sync(), draft.Close()); err != nil {
		return fmt.Errorf("make %s: %w", path, err)
	}
	if err := os.Link(draft.Name(), path); err != nil {
		return fmt.Errorf("make %s: %w", path, err)
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("make %s: %w", path, err)
	}
	return errors.Join(folder.Sync(), folder.Close())
}

func keysRestore(app core.App, keysDir string) *cobra.Command {
	var locks locks
	command := &cobra.Command{
		Use:   "restore FILE",
		Short: "Restores the keys from an age file",
		Long: "Restores the keys from a file of `keys backup` into a key folder that has none. It first proves that the file " +
			"is complete and belongs to the data. The passphrase comes from --passphrase-file, " + passphraseEnv + " or the terminal.",
		Args:        cobra.ExactArgs(1),
		Annotations: map[string]string{NoData: "yes"},
		RunE: func(command *cobra.Command, args []string) error {
			archive, file, err := locks.open(command, args[0])
			if err != nil {
				return err
			}
			err = vault.Restore(vault.Options{Dir: keysDir, DataDir: app.DataDir()}, archive)
			if err = errors.Join(err, file.Close()); err != nil {
				return err
			}
			_, err = fmt.Fprintf(command.OutOrStdout(), "The keys are restored in %s.\n", keysDir)
			return err
		},
	}
	locks.addIdentities(command.Flags())
	return command
}

func keysVerify(app core.App) *cobra.Command {
	var locks locks
	command := &cobra.Command{
		Use:         "verify [FILE]",
		Short:       "Verifies that every key can be opened, here or in a file of `keys backup`",
		Args:        cobra.MaximumNArgs(1),
		Annotations: map[string]string{NeedsData: "yes"},
		RunE: func(command *cobra.Command, args []string) error {
			if len(args) == 1 {
				return verifyFile(command, collections.Vault(app), &locks, args[0])
			}
			bar := newBar(command.ErrOrStderr(), "keys")
			report, err := collections.Vault(app).Verify(bar.show)
			bar.end()
			if err != nil {
				return err
			}
			if err := requireReadable(app); err != nil {
				return err
			}
			return printReport(command, "The key store", report)
		},
	}
	locks.addIdentities(command.Flags())
	return command
}

func verifyFile(command *cobra.Command, keys *vault.Vault, locks *locks, path string) error {
	archive, file, err := locks.open(command, path)
	if err != nil {
		return err
	}
	report, err := keys.CheckArchive(archive)
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	return printReport(command, path, report)
}

func printReport(command *cobra.Command, what string, report vault.Report) error {
	unfinished := ""
	if report.Unfinished {
		unfinished = " A rotation is not finished: run carecollective keys rotate."
	}
	_, err := fmt.Fprintf(command.OutOrStdout(), "%s is intact: master key %d opens all of %d data keys; %d were shredded, %d accounts erased.%s\n",
		what, report.Master, report.Keys, report.Shredded, report.Erased, unfinished)
	return err
}

// requireReadable fails when messages are sealed with keys that are neither there nor shredded on purpose.
func requireReadable(app core.App) error {
	lost, err := FindLostKeys(app)
	if err != nil || lost.Keys == 0 {
		return err
	}
	return fmt.Errorf("%d messages are sealed with %d keys that the key store does not have: it is older than the data; restore a newer copy of it",
		lost.Messages, lost.Keys)
}
