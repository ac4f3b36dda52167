package process_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Each zip in testdata/upgrade is a data directory with its keys, as an earlier version's `demo` made it.
func TestADataDirectoryOfAnEarlierVersionIsOpenedAndMigrated(t *testing.T) {
	t.Parallel()
	zips, err := filepath.Glob(filepath.Join("..", "..", "testdata", "upgrade", "*.zip"))
	if err != nil || len(zips) == 0 {
		t.Fatalf("no earlier data directories: %v", err)
	}
	for _, path := range zips {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			unzip(t, path, dir)
			server := serve(t, dir)
			token := signIn(t, server, "amara@example.org", "bread and roses")
			list := server.read(t, token, "/api/conversations")
			if !strings.Contains(list, `"last_message":{`) || strings.Contains(list, "[unreadable]") {
				t.Errorf("the conversations of before: %s", list)
			}
			if notices := server.read(t, token, "/api/collections/notifications/records"); !strings.Contains(notices, `"items":[`) {
				t.Errorf("the notifications of before: %s", notices)
			}
			server.stop()
			if report := command(t, dir, "doctor"); faults(report.stdout) != 0 {
				t.Errorf("doctor finds a problem after the upgrade:\n%s", report.stdout)
			}
			succeeds(t, dir, "keys", "verify")
		})
	}
}

func unzip(t *testing.T, path, dir string) {
	t.Helper()
	archive, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	if err := os.CopyFS(dir, archive); err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{"pb_data", "pb_keys"} {
		if err := os.Chmod(filepath.Join(dir, folder), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	keys, err := filepath.Glob(filepath.Join(dir, "pb_keys", "*.key"))
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range keys {
		if err := os.Chmod(key, 0o400); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range []string{"pb_keys/keys.db", "pb_data/keystore.id", "pb_data/settings.key"} {
		if err := os.Chmod(filepath.Join(dir, file), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// signIn signs a member in and returns their token.
func signIn(t *testing.T, s *served, identity, password string) string {
	t.Helper()
	body, err := json.Marshal(map[string]string{"identity": identity, "password": password})
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.Post(s.url+"/api/collections/users/auth-with-password", "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var answer struct{ Token string }
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil || answer.Token == "" {
		t.Fatalf("sign in: status %d, %v", response.StatusCode, err)
	}
	return answer.Token
}

// read returns what the server answers to a member.
func (s *served) read(t *testing.T, token, path string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: status %d, %v", path, response.StatusCode, err)
	}
	return string(answer)
}
