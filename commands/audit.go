package commands

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/pocketbase/pocketbase/core"
	"github.com/spf13/cobra"

	"carecollective/audit"
)

// Audit returns the command that verifies and prints the audit log.
func Audit(app core.App) *cobra.Command {
	command := &cobra.Command{
		Use:   "audit",
		Short: "Verifies or prints the audit log",
	}
	command.AddCommand(auditVerify(app), auditAccept(app), auditExport(app))
	return command
}

func auditVerify(app core.App) *cobra.Command {
	head := ""
	command := &cobra.Command{
		Use:         "verify",
		Short:       "Recomputes the chain of the audit log, checks its signature, and names the first broken link",
		Args:        cobra.NoArgs,
		Annotations: map[string]string{NeedsData: "yes"},
		RunE: func(command *cobra.Command, _ []string) error {
			chain, err := audit.Verify(app)
			if err != nil {
				return err
			}
			if err := requireHash(app, head); err != nil {
				return err
			}
			if err := audit.Sign(app); err != nil { // which first checks what was signed before
				return err
			}
			_, err = fmt.Fprintf(command.OutOrStdout(), "The audit log is intact and matches its signature: %d entries, the last hash is %s.\n", chain.Entries, chain.Head)
			return err
		},
	}
	command.Flags().StringVar(&head, "head", "", "the last hash of an earlier run: if it is missing, the end of the log was removed")
	return command
}

func auditAccept(app core.App) *cobra.Command {
	return &cobra.Command{
		Use:   "accept",
		Short: "Signs the audit log as it is, after restoring an older backup",
		Long: "Signs the audit log as it is. `audit verify` fails after restoring an older backup, because signed entries are " +
			"missing. Accept it only then, and only if you know why.",
		Args:        cobra.NoArgs,
		Annotations: map[string]string{NeedsData: "yes"},
		RunE: func(command *cobra.Command, _ []string) error {
			chain, err := audit.Accept(app)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(command.OutOrStdout(), "The audit log is now signed as it is: %d entries, the last hash is %s.\n", chain.Entries, chain.Head)
			return err
		},
	}
}

// requireHash fails if the log has no entry with an earlier hash: a chain whose end was removed, or that was
// rewritten from the start, is consistent in itself.
func requireHash(app core.App, hash string) error {
	if hash == "" {
		return nil
	}
	found := errors.New("found")
	err := audit.EachEntry(app, func(entry audit.Entry) error {
		if entry.Hash == hash {
			return found
		}
		return nil
	})
	switch {
	case errors.Is(err, found):
		return nil
	case err != nil:
		return err
	}
	return fmt.Errorf("the audit log has no entry with the hash %s: its end was removed, or it was rewritten", hash)
}

func auditExport(app core.App) *cobra.Command {
	return &cobra.Command{
		Use:         "export",
		Short:       "Prints the audit log, one JSON object per line",
		Args:        cobra.NoArgs,
		Annotations: map[string]string{NeedsData: "yes"},
		RunE: func(command *cobra.Command, _ []string) error {
			lines := json.NewEncoder(command.OutOrStdout())
			return audit.EachEntry(app, func(entry audit.Entry) error {
				return lines.Encode(entry)
			})
		},
	}
}
