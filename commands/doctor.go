package commands

import (
	"errors"
	"fmt"
	"io"

	"github.com/pocketbase/pocketbase/core"
	"github.com/spf13/cobra"
)

// Installation is what the doctor needs to know that is not in the database.
type Installation struct {
	Unlocked       []string                               // the doors that this start opens
	ProxiesTrusted bool                                   // whether reverse proxies are named
	Drift          func(core.App) ([]string, error)       // how the schema differs from the one of this program
	Losses         func(dataDir string) ([]string, error) // what earlier starts found missing
	TryMail        func(core.App) error                   // connects to the mail server
	TryPush        func(core.App) ([]string, error)       // calls the push services; returns the problems, one per line
}

// Doctor returns the command that finds problems of an installation and says how to fix them. It changes nothing.
func Doctor(app core.App, installation Installation) *cobra.Command {
	return &cobra.Command{
		Use:         "doctor",
		Short:       "Checks the installation and says how to fix what it finds",
		Args:        cobra.NoArgs,
		Annotations: map[string]string{NeedsData: "yes", KeepsSchema: "yes"},
		RunE: func(command *cobra.Command, _ []string) error {
			x := &report{app: app, installation: installation, out: command.OutOrStdout()}
			x.print("ok", "the keys open the store that belongs to this data directory") // or no command would come this far
			for _, c := range checks {
				x.run(c)
			}
			return x.verdict()
		},
	}
}

// check is one check of the doctor, and the line to print if it finds nothing.
type check struct {
	fine string
	look func(*report) error
}

var checks = []check{
	{"the database is intact", checkDatabase},
	{"no acknowledged message is known to be missing", checkLosses},
	{"the audit log matches its signature", checkAudit},
	{"the schema matches this program", checkSchema},
	{"no door is unlocked", checkDoors},
	{"the settings protect members' privacy", checkPrivacy},
	{"mail comes from the collective's own address", checkSender},
	{"mail is sent by SMTP", checkMail},
	{"push notifications are possible", checkPush},
	{"backups are made and leave this machine", checkBackups},
	{"the disk has free space", checkDisk},
	{"time zone data is installed", checkTimeZones},
}

// report collects the doctor's findings: a problem that must be fixed, or a note that is worth knowing.
type report struct {
	app          core.App
	installation Installation
	out          io.Writer
	findings     int
	failures     int
}

func (x *report) run(c check) {
	before := x.findings
	if err := c.look(x); err != nil {
		x.fail("failed to check whether %s: %v", c.fine, err)
	}
	if x.findings == before {
		x.print("ok", c.fine)
	}
}

func (x *report) fail(format string, values ...any) {
	x.findings++
	x.failures++
	x.print("FAIL", fmt.Sprintf(format, values...))
}

func (x *report) note(format string, values ...any) {
	x.findings++
	x.print("note", fmt.Sprintf(format, values...))
}

func (x *report) print(kind, text string) {
	// If the report cannot be printed, the error cannot be printed either.
	_, _ = fmt.Fprintf(x.out, "%-4s  %s\n", kind, text)
}

func (x *report) verdict() error {
	switch x.failures {
	case 0:
		return nil
	case 1:
		return errors.New("1 problem found")
	default:
		return fmt.Errorf("%d problems found", x.failures)
	}
}
