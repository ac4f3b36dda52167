package commands_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/pocketbase/dbx"

	"carecollective/audit"
	"carecollective/collections"
	"carecollective/commands"
	"carecollective/internal/apptest"
	"carecollective/server"
)

func runAudit(w *apptest.World, args ...string) (string, error) {
	command := commands.Audit(w.App)
	var out bytes.Buffer
	command.SetOut(&out)
	command.SetArgs(args)
	command.SilenceErrors, command.SilenceUsage = true, true
	err := command.Execute()
	return out.String(), err
}

// logged is a collective whose audit log has some entries.
func logged(t *testing.T) *apptest.World {
	t.Helper()
	w := apptest.New(t, server.Config{})
	ana, ben := w.Member("Ana"), w.Member("Ben")
	conversation := ana.Meets(t, ben)
	for _, text := range []string{"one", "two", "three"} {
		vile := ben.Says(t, conversation, text)
		ana.Post("/messages/"+vile+"/report", apptest.JSON{"reason": "spam"}).Want(t, 201)
	}
	w.Moderator("Mo").Get("/moderation/queue").Want(t, 200)
	return w
}

func TestAWholeAuditLogIsProved(t *testing.T) {
	t.Parallel()
	out, err := runAudit(logged(t), "verify")
	if err != nil || !strings.Contains(out, "10 entries") {
		t.Fatalf("said %q: %v", out, err)
	}
}

func TestTheFirstBrokenLinkOfTheAuditLogIsNamed(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ change, position string }{
		"another moment":    {"UPDATE message_audit_log SET created_at = '2020-01-01 00:00:00.000Z' WHERE position = 4", "position 4"},
		"another member":    {"UPDATE message_audit_log SET user = 'somebodyelse000' WHERE position = 2", "position 2"},
		"another message":   {"UPDATE message_audit_log SET message = '' WHERE position = 3", "position 3"},
		"another deed":      {"UPDATE message_audit_log SET action_type = 'read' WHERE position = 5", "position 5"},
		"other facts":       {`UPDATE message_audit_log SET metadata = '{"reason":"other"}' WHERE position = 5`, "position 5"},
		"facts that broke":  {"UPDATE message_audit_log SET metadata = 'x' WHERE position = 6", "position 6"},
		"a hash":            {"UPDATE message_audit_log SET hash = 'x' WHERE position = 1", "position 1"},
		"one is gone":       {"DELETE FROM message_audit_log WHERE position = 6", "position 6"},
		"the first is gone": {"DELETE FROM message_audit_log WHERE position = 1", "position 1"},
		"one was put in": {`INSERT INTO message_audit_log (id, position, action_type, message, user, metadata, hash, created_at)
			SELECT 'putin0000000000', 11, action_type, message, user, metadata, hash, created_at FROM message_audit_log WHERE position = 10`, "position 11"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := logged(t)
			if _, err := w.App.DB().NewQuery(row.change).Execute(); err != nil {
				t.Fatal(err)
			}
			if out, err := runAudit(w, "verify"); err == nil || !strings.Contains(err.Error(), row.position+":") {
				t.Fatalf("said %q: %v, want %s", out, err, row.position)
			}
		})
	}
}

func TestAnAuditLogWhoseEndWasCutOffIsToldByAnEarlierHash(t *testing.T) {
	t.Parallel()
	w := logged(t)
	out, err := runAudit(w, "verify")
	if err != nil {
		t.Fatal(err)
	}
	head := strings.TrimSuffix(out[strings.LastIndex(out, " ")+1:], ".\n")
	if _, err := runAudit(w, "verify", "--head", head); err != nil {
		t.Fatal(err)
	}
	if _, err := w.App.DB().NewQuery("DELETE FROM message_audit_log WHERE position = 10").Execute(); err != nil {
		t.Fatal(err)
	}
	if _, err := runAudit(w, "verify", "--head", head); err == nil {
		t.Fatal("the cut was not noticed")
	}
}

func TestWhatWasSignedOfTheAuditLogMustStay(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ change, says string }{
		"its end is cut off":      {"DELETE FROM message_audit_log WHERE position > 7", "position 8: the entries up to 10"},
		"all of it is gone":       {"DELETE FROM message_audit_log", "position 1: the entries up to 10"},
		"its end was rewritten":   {"UPDATE message_audit_log SET user = 'somebodyelse000' WHERE position = 9", "position 6: from here to 10"},
		"all of it was rewritten": {"UPDATE message_audit_log SET created_at = '2020-01-01 00:00:00.000Z' WHERE position = 1", "position 1: from here to 10"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := logged(t)
			keys := collections.Vault(w.App)
			var fifth string
			if err := w.App.DB().NewQuery("SELECT hash FROM message_audit_log WHERE position = 5").Row(&fifth); err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(keys.Sign("audit", 5, fifth), audit.Sign(w.App)); err != nil {
				t.Fatal(err)
			}
			if _, err := w.App.DB().NewQuery(row.change).Execute(); err != nil {
				t.Fatal(err)
			}
			rechain(t, w)
			if _, err := runAudit(w, "verify"); err == nil || !strings.Contains(err.Error(), row.says) {
				t.Errorf("verify says %v, want %q", err, row.says)
			}
			if err := audit.Sign(w.App); err == nil {
				t.Error("it was signed again")
			}
			if out, err := runAudit(w, "accept"); err != nil {
				t.Errorf("accept said %q, %v", out, err)
			}
			if left, _ := w.App.CountRecords("message_audit_log"); left > 0 {
				if _, err := runAudit(w, "verify"); err != nil {
					t.Errorf("after it was accepted: %v", err)
				}
			}
		})
	}
}

// rechain makes the chain whole in itself again, as someone would who has the database and not the keys.
func rechain(t *testing.T, w *apptest.World) {
	t.Helper()
	before := ""
	err := audit.EachEntry(w.App, func(entry audit.Entry) error {
		var facts map[string]any
		if err := json.Unmarshal(entry.Metadata, &facts); err != nil {
			return err
		}
		row, err := json.Marshal([]any{before, entry.Position, entry.Action, entry.Message, entry.User, facts, entry.At})
		if err != nil {
			return err
		}
		sum := sha256.Sum256(row)
		before = hex.EncodeToString(sum[:])
		_, err = w.App.DB().NewQuery("UPDATE message_audit_log SET hash = {:hash} WHERE position = {:position}").
			Bind(dbx.Params{"hash": before, "position": entry.Position}).Execute()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAcceptingNeedsAnAuditLogThatIsWholeInItself(t *testing.T) {
	t.Parallel()
	w := logged(t)
	if _, err := w.App.DB().NewQuery("UPDATE message_audit_log SET user = 'x' WHERE position = 4").Execute(); err != nil {
		t.Fatal(err)
	}
	if _, err := runAudit(w, "accept"); err == nil || !strings.Contains(err.Error(), "position 4") {
		t.Errorf("accept says %v", err)
	}
}

func TestTheAuditLogIsExportedLineByLineWithoutText(t *testing.T) {
	t.Parallel()
	out, err := runAudit(logged(t), "export")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	for i, line := range lines {
		var entry struct {
			Position int               `json:"position"`
			Metadata map[string]string `json:"metadata"`
			Hash     string            `json:"hash"`
		}
		if err := json.Unmarshal([]byte(line), &entry); err != nil || entry.Position != i+1 || len(entry.Hash) != 64 {
			t.Errorf("line %d is %s: %v", i+1, line, err)
		}
	}
	if len(lines) != 10 || strings.Contains(out, "three") {
		t.Errorf("exported %s", out)
	}
}

func TestNobodyWritesOrDeletesTheAuditLogOverTheAPI(t *testing.T) {
	t.Parallel()
	w := logged(t)
	rows, err := w.App.FindAllRecords("message_audit_log")
	if err != nil {
		t.Fatal(err)
	}
	path := "/collections/message_audit_log/records"
	for name, p := range map[string]*apptest.Person{"a superuser": w.Superuser(), "a moderator": w.Moderator("Max"), "a guest": w.Guest()} {
		for _, answer := range []apptest.Answer{
			p.Post(path, apptest.JSON{"action_type": "sent", "position": 11}),
			p.Patch(path+"/"+rows[0].Id, apptest.JSON{"user": "x"}),
			p.Delete(path + "/" + rows[0].Id),
			p.Delete("/collections/message_audit_log/truncate"),
			p.Delete("/collections/message_audit_log"),
		} {
			if answer.Status < 400 || answer.Status >= 500 {
				t.Errorf("%s is answered %d %s", name, answer.Status, answer.Raw)
			}
		}
	}
	if _, err := runAudit(w, "verify"); err != nil {
		t.Error(err)
	}
}
