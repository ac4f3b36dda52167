package server

import (
	"errors"
	"fmt"
	"slices"

	"github.com/pocketbase/ozzo-validation/v4/is"
	"github.com/spf13/cobra"

	"carecollective/commands"
)

// minPassword is the length PocketBase asks of a superuser's password.
const minPassword = 8

// makeStrict makes every command of the tree fail with its error and nothing but its error. What can be known to be
// wrong from the command line alone is refused before anything is opened or written.
func makeStrict(root *cobra.Command) {
	root.FParseErrWhitelist.UnknownFlags = false
	root.DisableSuggestions = true
	root.SilenceErrors, root.SilenceUsage = true, true
	for _, command := range root.Commands() {
		strictCommand(command)
	}
	for name, check := range arguments {
		if command, _, err := root.Find(name.words()); err == nil {
			command.Args = check
		}
	}
	for _, name := range needData {
		if command, _, err := root.Find(name.words()); err == nil {
			command.Annotations = map[string]string{commands.NeedsData: "yes"}
		}
	}
}

func strictCommand(command *cobra.Command) {
	command.SilenceUsage = true
	if command.HasSubCommands() && !command.Runnable() {
		command.Args = cobra.ArbitraryArgs
		command.RunE = refuseUnknown
	}
	for _, child := range command.Commands() {
		strictCommand(child)
	}
}

func refuseUnknown(command *cobra.Command, args []string) error {
	if len(args) == 0 {
		return command.Help()
	}
	return fmt.Errorf("unknown command %q for %q", args[0], command.CommandPath())
}

type commandPath [2]string

func (p commandPath) words() []string {
	return slices.DeleteFunc([]string{p[0], p[1]}, func(word string) bool { return word == "" })
}

// arguments says what PocketBase's own commands need; they themselves look only after the database is open.
var arguments = map[commandPath]cobra.PositionalArgs{
	{"superuser", "create"}: emailAndPassword,
	{"superuser", "upsert"}: emailAndPassword,
	{"superuser", "update"}: emailAndPassword,
	{"superuser", "delete"}: email,
	{"superuser", "otp"}:    email,
	{"migrate", ""}:         migration,
}

// needData are PocketBase's own commands that cannot but fail before there is any data, and so must not make any.
var needData = []commandPath{{"superuser", "update"}, {"superuser", "otp"}}

func email(_ *cobra.Command, args []string) error {
	if len(args) == 0 || args[0] == "" || is.EmailFormat.Validate(args[0]) != nil {
		return errors.New("give an e-mail address")
	}
	return nil
}

func emailAndPassword(command *cobra.Command, args []string) error {
	if len(args) != 2 {
		return errors.New("give an e-mail address and a password")
	}
	if len(args[1]) < minPassword {
		return fmt.Errorf("the password must have at least %d characters", minPassword)
	}
	return email(command, args)
}

func migration(_ *cobra.Command, args []string) error {
	known := []string{"up", "down", "create", "collections", "history-sync"}
	if len(args) > 0 && !slices.Contains(known, args[0]) {
		return fmt.Errorf("unknown command %q for \"migrate\"", args[0])
	}
	if len(args) == 1 && args[0] == "create" {
		return errors.New("give a name for the migration")
	}
	return nil
}
