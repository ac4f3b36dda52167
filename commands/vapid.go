package commands

import (
	"fmt"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/spf13/cobra"
)

// Vapid returns the command that creates a new key for push notifications. rotate does it, and returns how many members have
// devices.
func Vapid(app core.App, rotate func(core.App, time.Time) (members int, err error)) *cobra.Command {
	command := &cobra.Command{
		Use:   "vapid",
		Short: "Manages the key of push notifications",
	}
	command.AddCommand(&cobra.Command{
		Use:         "rotate",
		Short:       "Creates a new key and asks every device to subscribe again",
		Args:        cobra.NoArgs,
		Annotations: map[string]string{NeedsData: "yes"},
		RunE: func(command *cobra.Command, _ []string) error {
			members, err := rotate(app, time.Now())
			if err != nil {
				return fmt.Errorf("create a new key: %w", err)
			}
			_, err = fmt.Fprintf(command.OutOrStdout(), "A new key was created. %d members with devices are asked to subscribe again.\n", members)
			return err
		},
	})
	return command
}
