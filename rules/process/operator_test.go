package process_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAMemberIsMadeAModeratorAndUnmadeBesideTheServer(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := serve(t, dir)
	if code := s.register("ana@example.com"); code != http.StatusOK {
		t.Fatalf("registering answers %d", code)
	}
	succeeds(t, dir, "moderator", "add", "Ana@example.com")
	if list := succeeds(t, dir, "moderator", "list"); list != "ana@example.com\tAna\n" {
		t.Errorf("the moderators are %q", list)
	}
	succeeds(t, dir, "moderator", "remove", "ana@example.com")
	if list := succeeds(t, dir, "moderator", "list"); list != "" {
		t.Errorf("the moderators are %q", list)
	}
}

func TestDoctorFailsWhenThereIsAProblem(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	serve(t, dir).stop()
	got := command(t, dir, "doctor", "--unlock", "sql") // the sender of mails is the other problem
	if got.code != 1 || faults(got.stdout) != 1 || got.stderr != "Error: 2 problems found\n" {
		t.Errorf("got %+v", got)
	}
}

func TestATornLogIsToldByTheStartAndByDoctor(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := serve(t, dir)
	if code := s.register("ana@example.com"); code != http.StatusOK {
		t.Fatalf("registering answers %d", code)
	}
	s.kill()
	log := filepath.Join(dir, "pb_data", "data.db-wal")
	info, err := os.Stat(log)
	check(t, err)
	check(t, os.Truncate(log, info.Size()-1000))

	next := serve(t, dir)
	if code := next.stop(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if said := next.stderr.String(); strings.Count(said, "\n") != 1 || !strings.Contains(said, "missing") {
		t.Errorf("want one line about what is missing, got %q", said)
	}
	if report := command(t, dir, "doctor"); report.code != 1 || !strings.Contains(report.stdout, "are missing") {
		t.Errorf("doctor ends with %d and says\n%s", report.code, report.stdout)
	}
}
