package commands

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/spf13/cobra"

	"carecollective/collections"
)

// Demo returns the command that fills an empty data directory with a small fictional collective, to look at and to try things out.
func Demo(app core.App) *cobra.Command {
	return &cobra.Command{
		Use:   "demo",
		Short: "Fills an empty data directory with sample members and conversations",
		Args:  cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			story, err := readStory()
			if err != nil {
				return err
			}
			err = app.RunInTransaction(func(txApp core.App) error {
				if inUse, err := collections.HasMembers(txApp); err != nil || inUse {
					return errors.Join(err, refuseDemo(inUse, app.DataDir()))
				}
				return story.tell(txApp, time.Now())
			})
			if err != nil {
				return err
			}
			return introduce(command.OutOrStdout(), story, app.DataDir())
		},
	}
}

func refuseDemo(inUse bool, dir string) error {
	if !inUse {
		return nil
	}
	return fmt.Errorf("%s already has members: name an empty directory for the sample data with --dir", dir)
}

// introduce prints how to sign in.
func introduce(out io.Writer, s *story, dataDir string) error {
	lines := fmt.Sprintf("A small fictional collective of %d members is now in %s. Everyone's password is %q. Sign in as:\n",
		len(s.Members), dataDir, s.Password)
	for _, m := range s.Members {
		if m.Introduced != "" {
			lines += fmt.Sprintf("  %-22s %s\n", m.email(), m.Introduced)
		}
	}
	lines += fmt.Sprintf("To use the dashboard, create a superuser: carecollective superuser upsert EMAIL PASSWORD --dir %s\n", filepath.Clean(dataDir))
	_, err := io.WriteString(out, lines)
	return err
}
