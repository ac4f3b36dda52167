package commands

import (
	"fmt"

	"github.com/pocketbase/pocketbase/core"
	"github.com/spf13/cobra"
)

// Invite returns the command that prints a new registration code for one person, alone on its line. newInvitation stores it.
func Invite(app core.App, newInvitation func(core.App) (code string, err error)) *cobra.Command {
	return &cobra.Command{
		Use:   "invite",
		Short: "Prints a registration code for one person",
		Args:  cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			code, err := newInvitation(app)
			if err != nil {
				return fmt.Errorf("make an invitation: %w", err)
			}
			_, err = fmt.Fprintln(command.OutOrStdout(), code)
			return err
		},
	}
}
