package commands

import (
	"errors"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/audit"
	"carecollective/internal/disk"
)

const (
	// Under littleSpace the next days are at risk, under noSpace the next minutes.
	littleSpace = 1 << 30
	noSpace     = 64 << 20
)

func checkDatabase(x *report) error {
	var faults []string
	if err := x.app.DB().NewQuery("PRAGMA quick_check(5)").Column(&faults); err != nil {
		return err
	}
	if len(faults) != 1 || faults[0] != "ok" {
		x.fail("the database is damaged (%s): stop the server and restore the newest backup", strings.Join(faults, ", "))
	}
	return nil
}

func checkLosses(x *report) error {
	losses, err := x.installation.Losses(x.app.DataDir())
	for _, loss := range losses {
		x.fail("%s", loss)
	}
	return err
}

func checkAudit(x *report) error {
	var broken *audit.BrokenChain
	_, err := audit.CheckHead(x.app)
	if errors.As(err, &broken) {
		x.fail("%v. If you have restored an older backup, run: carecollective audit accept", broken)
		return nil
	}
	return err
}

func checkSchema(x *report) error {
	pending, err := pendingMigrations(x.app)
	if err != nil {
		return err
	}
	if pending > 0 {
		x.fail("%d migrations are waiting: back up, then start this version with `serve`", pending)
		return nil
	}
	drift, err := x.installation.Drift(x.app)
	for _, line := range drift {
		x.fail("the schema was changed by hand, which can open what must stay closed: %s", line)
	}
	return err
}

func pendingMigrations(app core.App) (int, error) {
	var applied []string
	if err := app.DB().Select("file").From(core.DefaultMigrationsTable).Column(&applied); err != nil {
		return 0, err
	}
	done := make(map[string]bool, len(applied))
	for _, file := range applied {
		done[file] = true
	}
	pending := 0
	for _, migration := range core.AppMigrations.Items() {
		if !done[migration.File] {
			pending++
		}
	}
	return pending, nil
}

func checkDoors(x *report) error {
	if doors := x.installation.Unlocked; len(doors) > 0 {
		x.fail("these doors are unlocked: %s. Start without --unlock as soon as you are done", strings.Join(doors, ", "))
	}
	return nil
}

func checkPrivacy(x *report) error {
	settings := x.app.Settings()
	if settings.Logs.LogIP {
		x.fail("the log keeps the addresses of members: switch \"Log IP\" off in the dashboard, under Logs")
	}
	if settings.Logs.LogAuthId {
		x.fail("the log keeps who did what: switch \"Log auth id\" off in the dashboard, under Logs")
	}
	if settings.RateLimits.Enabled {
		x.note("PocketBase's own rate limits are on in addition to ours; they count by address and can lock out a whole house")
	}
	if len(settings.TrustedProxy.Headers) > 0 && !x.installation.ProxiesTrusted {
		x.fail("address headers are set in the dashboard, but no trusted proxy is named: start with --trusted-proxies, or clear the headers")
	}
	if settings.S3.Enabled {
		x.note("uploaded files are stored at %s: the people who run it can read them", settings.S3.Endpoint)
	}
	return checkDirectoryMode(x)
}

func checkDirectoryMode(x *report) error {
	info, err := os.Stat(x.app.DataDir())
	if err != nil {
		return err
	}
	if info.Mode().Perm()&0o007 != 0 {
		x.note("every user of this machine can read %s: chmod 700 %[1]s", x.app.DataDir())
	}
	return nil
}

// checkSender fails while mails would come from an address that is nobody's, which PocketBase begins with.
func checkSender(x *report) error {
	meta := x.app.Settings().Meta
	if _, domain, _ := strings.Cut(strings.ToLower(meta.SenderAddress), "@"); domain == "" || domain == "example.com" {
		x.fail("mails come from %q: set the collective's own name and address as the sender in the dashboard, under Settings, Mail", meta.SenderAddress)
	}
	if strings.TrimSpace(meta.SenderName) == "" {
		x.note("mails have no name of a sender: set the collective's name as the sender in the dashboard, under Settings, Mail")
	}
	return nil
}

func checkMail(x *report) error {
	smtp := x.app.Settings().SMTP
	if !smtp.Enabled {
		x.note("no SMTP server is set: mails are kept as files in the folder outbox of the data directory, and members need no verification")
		return nil
	}
	if err := x.installation.TryMail(x.app); err != nil {
		address := net.JoinHostPort(smtp.Host, strconv.Itoa(smtp.Port))
		x.fail("the SMTP server %s does not accept mail from us (%v): fix this in the dashboard, under Settings, Mail", address, err)
	}
	if strings.Contains(x.app.Settings().Meta.AppURL, "localhost") {
		x.fail("links in mails point to %s: set the application URL in the dashboard, under Settings", x.app.Settings().Meta.AppURL)
	}
	return nil
}

func checkPush(x *report) error {
	if url := x.app.Settings().Meta.AppURL; !strings.HasPrefix(url, "https://") {
		x.note("push notifications need HTTPS: serve under a domain and set the application URL (now %s) in the dashboard, under Settings", url)
		return nil
	}
	wrong, err := x.installation.TryPush(x.app)
	for _, line := range wrong {
		x.note("push notifications cannot reach every device: %s", line)
	}
	return err
}

func checkBackups(x *report) error {
	backups := x.app.Settings().Backups
	if backups.Cron == "" {
		x.note("no automatic backups are made: set a schedule in the dashboard, under Settings, Backups; keep the keys apart from them")
	}
	if !backups.S3.Enabled {
		x.note("backups are on the same disk as the data: copy them to another machine")
	}
	return nil
}

func checkDisk(x *report) error {
	free, err := disk.Free(x.app.DataDir())
	if err != nil {
		return err
	}
	switch {
	case free < noSpace:
		x.fail("the disk is full: %d MiB are left; free some space, or nothing can be stored", free>>20)
	case free < littleSpace:
		x.note("only %d MiB are left on the disk", free>>20)
	}
	return nil
}

func checkTimeZones(x *report) error {
	if _, err := time.LoadLocation("Europe/Berlin"); err != nil {
		x.fail("this machine has no time zone data, which quiet hours need: install the package tzdata")
	}
	return nil
}
