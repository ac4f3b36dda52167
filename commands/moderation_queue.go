package commands

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/pocketbase/pocketbase/core"
	"github.com/spf13/cobra"

	"carecollective/moderation"
)

// moderationQueue lists what waits for the moderators: facts, no text, so that an operator can see whether someone looks at it.
func moderationQueue(app core.App) *cobra.Command {
	return &cobra.Command{
		Use:         "queue",
		Short:       "Lists the moderation queue, without any texts",
		Args:        cobra.NoArgs,
		Annotations: map[string]string{NeedsData: "yes"},
		RunE: func(command *cobra.Command, _ []string) error {
			waiting, err := moderation.FindWaitingCases(app)
			if err != nil {
				return err
			}
			return printQueue(command.OutOrStdout(), waiting)
		},
	}
}

func printQueue(out io.Writer, waiting []moderation.WaitingCase) error {
	if len(waiting) == 0 {
		_, err := fmt.Fprintln(out, "Nothing waits for the moderators.")
		return err
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	lines := []string{"SINCE\tCASE\tKIND\tREASON\tMEMBER\tMARKS"}
	for _, c := range waiting {
		lines = append(lines, strings.Join([]string{c.CreatedAt, c.ID, c.Kind, c.Reason, c.Reported, marks(c)}, "\t"))
	}
	if _, err := fmt.Fprintln(table, strings.Join(lines, "\n")); err != nil {
		return err
	}
	return table.Flush()
}

func marks(c moderation.WaitingCase) string {
	var set []string
	for _, mark := range []struct {
		name string
		on   bool
	}{{"urgent", c.Urgent}, {"burst", c.Burst}, {"claimed", c.Claimed}, {"escalated", c.Escalated}} {
		if mark.on {
			set = append(set, mark.name)
		}
	}
	return strings.Join(set, ",")
}
