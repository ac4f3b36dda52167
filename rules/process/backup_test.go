package process_test

import (
	"archive/zip"
	"bytes"
	"database/sql"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pocketbase/pocketbase/tools/archive"
)

const canary = "The canary sings at Elm Street"

// call sends a JSON body and answers the fields of the answer, which must have the status want.
func (s *served) call(method, path, token string, body map[string]any, want int) map[string]any {
	s.t.Helper()
	text, err := json.Marshal(body)
	check(s.t, err)
	request, err := http.NewRequestWithContext(s.t.Context(), method, s.url+"/api"+path, bytes.NewReader(text))
	check(s.t, err)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", token)
	response, err := http.DefaultClient.Do(request)
	check(s.t, err)
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	check(s.t, err)
	if response.StatusCode != want {
		s.t.Fatalf("%s %s: answered %d, want %d: %s", method, path, response.StatusCode, want, raw)
	}
	var fields map[string]any
	_ = json.Unmarshal(raw, &fields) // some answers are empty
	return fields
}

// signInTo answers a token.
func (s *served) signInTo(collection, email, password string) (token, id string) {
	s.t.Helper()
	answer := s.call("POST", "/collections/"+collection+"/auth-with-password", "", map[string]any{"identity": email, "password": password}, 200)
	token, _ = answer["token"].(string)
	record, _ := answer["record"].(map[string]any)
	id, _ = record["id"].(string)
	return token, id
}

// backedUp is a collective in which Ana has written to Ben, its server, and a zip that the dashboard has made of it.
func backedUp(t *testing.T) (dir string, s *served, zipped string) {
	t.Helper()
	dir = t.TempDir()
	s = serve(t, dir)
	for _, email := range []string{"ana@example.com", "ben@example.com"} {
		if code := s.register(email); code != http.StatusOK {
			t.Fatalf("registering answers %d", code)
		}
	}
	ana, _ := s.signInTo("users", "ana@example.com", "correct horse battery")
	ben, benID := s.signInTo("users", "ben@example.com", "correct horse battery")
	s.call("PUT", "/messaging/preferences", ben, map[string]any{"can_receive_from": "anyone"}, 200)
	s.call("POST", "/conversations", ana, map[string]any{"recipient_id": benID, "initial_message": canary}, 201)
	outbox := filepath.Join(dir, "pb_data", "outbox")
	check(t, os.MkdirAll(outbox, 0o700))
	check(t, os.WriteFile(filepath.Join(outbox, "one.eml"), []byte(canary), 0o600))
	succeeds(t, dir, "superuser", "upsert", "operator@example.com", "correct horse battery")
	operator, _ := s.signInTo("_superusers", "operator@example.com", "correct horse battery")
	s.call("POST", "/backups", operator, map[string]any{"name": "one.zip"}, 204)
	return dir, s, filepath.Join(dir, "pb_data", "backups", "one.zip")
}

func TestABackupIsProvedToBeRestorable(t *testing.T) {
	t.Parallel()
	dir, s, zipped := backedUp(t)
	said := succeeds(t, dir, "backup", "verify", zipped)
	for _, part := range []string{"can be restored", "1 messages, none missing", "signed up to 1 on", "one message of each of 1 keys can be decrypted"} {
		if !strings.Contains(said, part) {
			t.Errorf("it does not say %q: %s", part, said)
		}
	}
	succeeds(t, dir, "keys", "rotate") // an older backup opens with newer keys
	succeeds(t, dir, "backup", "verify", zipped)
	s.stop()
	elsewhere := t.TempDir()
	serve(t, elsewhere).stop()
	fails(t, elsewhere, "wrong key", "backup", "verify", zipped)
}

func TestWhatIsWrittenAfterABackupAndACommandIsKept(t *testing.T) {
	t.Parallel()
	dir, s, _ := backedUp(t)
	succeeds(t, dir, "moderation", "queue")
	for _, name := range []string{"data.db-wal", "data.db-shm", "auxiliary.db-wal"} {
		if _, err := os.Stat(filepath.Join(dir, "pb_data", name)); err != nil {
			t.Errorf("the command has taken away what the server writes into: %v", err)
		}
	}
	if code := s.register("cleo@example.com"); code != http.StatusOK {
		t.Fatalf("registering answers %d", code)
	}
	s.kill()
	again := serve(t, dir)
	again.signInTo("users", "cleo@example.com", "correct horse battery")
	if code := again.stop(); code != 0 {
		t.Errorf("the server ends with %d", code)
	}
	if _, err := os.Stat(filepath.Join(dir, "pb_data", "data.db-wal")); err == nil {
		t.Error("the log stays when the server ends")
	}
}

func TestABackupHoldsNeitherKeysNorMailsNorReadableText(t *testing.T) {
	t.Parallel()
	dir, _, zipped := backedUp(t)
	master, err := os.ReadFile(filepath.Join(dir, "pb_keys", "master-v1.key"))
	check(t, err)
	secret := strings.Fields(string(master[bytes.Index(master, []byte("\ncarecollective"))+1:]))[3]
	opened, err := zip.OpenReader(zipped)
	check(t, err)
	defer opened.Close()
	for _, file := range opened.File {
		if strings.HasPrefix(file.Name, "outbox") || strings.HasSuffix(file.Name, "keys.db") || strings.Contains(file.Name, "master-v") {
			t.Errorf("the backup holds %s", file.Name)
		}
		content, err := file.Open()
		check(t, err)
		text, err := io.ReadAll(content)
		check(t, err)
		for _, word := range []string{canary, "canary sings", secret} {
			if bytes.Contains(text, []byte(word)) {
				t.Errorf("%s holds %q", file.Name, word)
			}
		}
	}
}

func TestABackupThatCannotBeReliedOnIsToldWithItsReason(t *testing.T) {
	t.Parallel()
	dir, s, zipped := backedUp(t)
	s.stop()
	sql := func(statement string) func(t *testing.T, data string) {
		return func(t *testing.T, data string) { change(t, filepath.Join(data, "data.db"), statement) }
	}
	for name, row := range map[string]struct {
		ruin func(t *testing.T, data string)
		says string
	}{
		"a message is missing":      {sql("DELETE FROM messages"), "messages are missing or out of order"},
		"a message was changed":     {sql("UPDATE messages SET content_sealed = substr(content_sealed, 1, 60) || 'AAAA' || substr(content_sealed, 65)"), "cannot be decrypted"},
		"a message was moved":       {sql("UPDATE messages SET sender = recipient"), "cannot be decrypted"},
		"its key is unknown":        {sql("UPDATE messages SET content_sealed = 'v1.AAAAAAAAAAAAAAAA' || substr(content_sealed, 20)"), "cannot be decrypted"},
		"the audit log was changed": {sql("UPDATE message_audit_log SET user = 'x'"), "broken at position 1"},
		"the database is damaged":   {damage, "database"},
		"there is no database":      {func(t *testing.T, data string) { check(t, os.Remove(filepath.Join(data, "data.db"))) }, "contains no data.db"},
		"it does not name its keys": {func(t *testing.T, data string) { check(t, os.Remove(filepath.Join(data, "keystore.id"))) }, "contains no keystore.id"},
		"it holds a master key": {func(t *testing.T, data string) {
			check(t, os.WriteFile(filepath.Join(data, "master-v1.key"), []byte("x"), 0o600))
		}, "must never be in a backup"},
		"it has no key of its settings": {func(t *testing.T, data string) { check(t, os.Remove(filepath.Join(data, "settings.key"))) }, "settings.key is missing"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data := filepath.Join(t.TempDir(), "data")
			check(t, archive.Extract(zipped, data))
			row.ruin(t, data)
			ruined := filepath.Join(t.TempDir(), "ruined.zip")
			check(t, archive.Create(data, ruined))
			temp := t.TempDir()
			fails(t, dir, row.says, "backup", "verify", ruined, "--temp", temp)
			if left := files(t, temp); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
	fails(t, dir, "not a valid zip", "backup", "verify", filepath.Join(dir, "pb_data", "data.db"))
}

// change runs a statement on a database, and brings it into the file.
func change(t *testing.T, path, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	check(t, err)
	defer db.Close()
	_, err = db.Exec(statement)
	check(t, err)
}

// damage overwrites the middle of the database.
func damage(t *testing.T, data string) {
	t.Helper()
	path := filepath.Join(data, "data.db")
	change(t, path, "PRAGMA wal_checkpoint(TRUNCATE)")
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	check(t, err)
	defer f.Close()
	info, err := f.Stat()
	check(t, err)
	for at := int64(100 << 10); at+512 < info.Size(); at += 4096 {
		_, err := f.WriteAt(bytes.Repeat([]byte{0xff}, 512), at)
		check(t, err)
	}
}
