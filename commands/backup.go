package commands

import (
	"archive/zip"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/archive"
	"github.com/spf13/cobra"

	"carecollective/internal/replication"
)

// OpenCopy opens a copy of a data directory with the keys that belong to it, brings its schema up to date, and hands over what closes it again.
type OpenCopy func(dataDir string) (app core.App, closeCopy func() error, err error)

// Backup returns the command that verifies backups and restores a replica.
func Backup(app core.App, open OpenCopy) *cobra.Command {
	command := &cobra.Command{
		Use:   "backup",
		Short: "Verifies a backup, and restores a replica",
	}
	command.AddCommand(backupVerify(open), restoreReplica(app))
	return command
}

func restoreReplica(app core.App) *cobra.Command {
	return &cobra.Command{
		Use:   "restore-replica DIR",
		Short: "Restores the database from the folder that CARECOLLECTIVE_REPLICA names",
		Long: "Restores the database into a data directory that has none, from the folder to which it was copied while the server " +
			"ran with CARECOLLECTIVE_REPLICA. The folder has no uploaded files: restore them from a backup zip.",
		Args:        cobra.ExactArgs(1),
		Annotations: map[string]string{NoData: "yes"},
		RunE: func(command *cobra.Command, args []string) error {
			if err := replication.Restore(command.Context(), args[0], app.DataDir()); err != nil {
				return err
			}
			_, err := fmt.Fprintf(command.OutOrStdout(), "The database is restored in %s. Restore the folder storage from a backup, then start.\n", app.DataDir())
			return err
		},
	}
}

func backupVerify(open OpenCopy) *cobra.Command {
	temp := ""
	command := &cobra.Command{
		Use:   "verify FILE",
		Short: "Restores a backup zip into a temporary folder and verifies it",
		Long: "Restores a zip from the dashboard into a temporary folder, with the current keys, and verifies it: the database is " +
			"intact, no message is missing, the audit log matches its signature, and one message of every key can be decrypted. Nothing of it is kept.",
		Args:        cobra.ExactArgs(1),
		Annotations: map[string]string{NoData: "yes"},
		RunE: func(command *cobra.Command, args []string) (err error) {
			folder, err := os.MkdirTemp(temp, "carecollective-backup-") // which is private
			if err != nil {
				return fmt.Errorf("create a folder for the backup: %w", err)
			}
			defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
			if err := unpackBackup(args[0], folder); err != nil {
				return err
			}
			app, closeCopy, err := open(folder)
			if err != nil {
				return fmt.Errorf("open the backup: %w", err)
			}
			defer func() { err = errors.Join(err, closeCopy()) }()
			report, err := proveBackup(app)
			if err != nil {
				return fmt.Errorf("%s is not a usable backup: %w", args[0], err)
			}
			_, err = fmt.Fprintf(command.OutOrStdout(), "%s can be restored. %s\n", args[0], report)
			return err
		},
	}
	command.Flags().StringVar(&temp, "temp", "", "where to create the temporary folder (default the system's; it needs as much space as the data)")
	return command
}

// neverInBackups are prefixes of names that must not be in a backup, which is stored apart from the keys.
var neverInBackups = []string{"outbox/", "keys.db", "master-v", "pb_keys/"}

// unpackBackup unpacks a zip if it has everything that a backup needs and nothing forbidden.
func unpackBackup(path, folder string) error {
	zipped, err := zip.OpenReader(path)
	if err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	needed := map[string]bool{"data.db": false, "keystore.id": false}
	var found error
	for _, file := range zipped.File {
		if _, ok := needed[file.Name]; ok {
			needed[file.Name] = true
		}
		for _, never := range neverInBackups {
			if strings.HasPrefix(file.Name, never) && !file.FileInfo().IsDir() {
				found = fmt.Errorf("%s contains %s, which must never be in a backup: destroy it", path, file.Name)
			}
		}
	}
	for name, there := range needed {
		if !there {
			found = fmt.Errorf("%s contains no %s: it is not a backup of this program", path, name)
		}
	}
	if err := errors.Join(found, zipped.Close()); err != nil {
		return err
	}
	if err := archive.Extract(path, folder); err != nil {
		return fmt.Errorf("unpack %s: %w", path, err)
	}
	return os.Chmod(filepath.Clean(folder), 0o700) //nolint:gosec // a folder needs its x
}

// proveBackup verifies the backup, and describes its contents in one line.
func proveBackup(app core.App) (string, error) {
	if err := ProveDatabase(app); err != nil {
		return "", err
	}
	messages, err := ProveSequences(app)
	if err != nil {
		return "", err
	}
	chain, signed, err := ProveAudit(app)
	if err != nil {
		return "", err
	}
	opened, err := ProveMessages(app)
	if err != nil {
		return "", err
	}
	report := fmt.Sprintf("%d messages, none missing; the audit log is intact (%d entries", messages, chain.Entries)
	if signed != nil {
		report += fmt.Sprintf(", signed up to %d on %s", signed.Position, signed.At.UTC().Format("2006-01-02 15:04"))
	}
	report += fmt.Sprintf("); one message of each of %d keys can be decrypted", opened.Messages)
	if len(opened.Months) > 0 {
		report += fmt.Sprintf(", from %s to %s", opened.Months[0], opened.Months[len(opened.Months)-1])
	}
	if opened.Shredded > 0 {
		report += fmt.Sprintf("; %d keys were destroyed since, and what they sealed stays unreadable", opened.Shredded)
	}
	return report + ".", nil
}
