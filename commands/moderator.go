// Package commands contains our command-line commands beside PocketBase's own, each a function
// that returns its *cobra.Command. It knows nothing of requests: it changes the database, and a
// running server reads the changes there.
package commands

import (
	"errors"
	"fmt"

	"github.com/pocketbase/pocketbase/core"
	"github.com/spf13/cobra"

	"carecollective/collections"
)

// Marks on commands (keys of their Annotations), for the code that prepares what a command needs.
const (
	NeedsData   = "needs-data"   // makes no sense before there is any data, and so must not make any
	KeepsSchema = "keeps-schema" // looks at the schema as it is, and so must not bring it up to date
	NoData      = "no-data"      // has nothing to do with the data, and so must not open or make any
)

// Moderator returns the command that adds, removes and lists moderators.
func Moderator(app core.App) *cobra.Command {
	command := &cobra.Command{
		Use:   "moderator",
		Short: "Manages the moderators",
	}
	command.AddCommand(
		moderatorRole(app, "add", "Makes a member a moderator", collections.RoleModerator),
		moderatorRole(app, "remove", "Makes a moderator an ordinary member again", collections.RoleMember),
		moderatorList(app),
	)
	return command
}

func moderatorRole(app core.App, name, short, role string) *cobra.Command {
	return &cobra.Command{
		Use:         name + " EMAIL",
		Short:       short,
		Args:        oneEmail,
		Annotations: map[string]string{NeedsData: "yes"},
		RunE: func(command *cobra.Command, args []string) error {
			if err := setRole(app, args[0], role); err != nil {
				return err
			}
			_, err := fmt.Fprintf(command.OutOrStdout(), "%s is now a %s.\n", args[0], role)
			return err
		},
	}
}

// setRole reads and writes in one transaction: the whole row is written, and must not bring back what the member has
// changed meanwhile.
func setRole(app core.App, email, role string) error {
	return app.RunInTransaction(func(app core.App) error {
		member, err := collections.FindMemberByEmail(app, email)
		if err != nil {
			return err
		}
		if member == nil {
			return fmt.Errorf("there is no member with the e-mail address %s", email)
		}
		member.SetRole(role)
		if err := app.Save(member); err != nil {
			return fmt.Errorf("set the role of %s: %w", email, err)
		}
		return nil
	})
}

func oneEmail(_ *cobra.Command, args []string) error {
	if len(args) != 1 {
		return errors.New("the e-mail address of one member is needed")
	}
	return nil
}

func moderatorList(app core.App) *cobra.Command {
	return &cobra.Command{
		Use:         "list",
		Short:       "Lists the moderators",
		Args:        cobra.NoArgs,
		Annotations: map[string]string{NeedsData: "yes"},
		RunE: func(command *cobra.Command, _ []string) error {
			moderators, err := collections.FindModerators(app)
			if err != nil {
				return err
			}
			for _, moderator := range moderators {
				if _, err := fmt.Fprintf(command.OutOrStdout(), "%s\t%s\n", moderator.Email(), moderator.Name()); err != nil {
					return err
				}
			}
			return nil
		},
	}
}
