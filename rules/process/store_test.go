package process_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"carecollective/server"
)

// register makes an account by the API and returns the status of the answer; 0 when there was none.
func (s *served) register(email string) int {
	body, err := json.Marshal(map[string]string{
		"email": email, "name": "Ana", "password": "correct horse battery", "passwordConfirm": "correct horse battery",
	})
	if err != nil {
		panic(err)
	}
	response, err := http.Post(s.url+"/api/collections/users/records", "application/json", bytes.NewReader(body))
	if err != nil {
		return 0
	}
	defer response.Body.Close()
	return response.StatusCode
}

func TestWhatWasAcknowledgedBeforeSIGTERMIsStored(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := serve(t, dir)
	var acknowledged sync.Map
	first := make(chan struct{})
	var writers sync.WaitGroup
	var once sync.Once
	for writer := range 4 {
		writers.Go(func() {
			for i := 0; ; i++ {
				email := fmt.Sprintf("m%d-%d@example.com", writer, i)
				if s.register(email) != http.StatusOK {
					return
				}
				acknowledged.Store(email, true)
				once.Do(func() { close(first) })
			}
		})
	}
	select {
	case <-first: // any moment under load will do
	case <-time.After(time.Minute):
		t.Fatal("nothing is written")
	}
	if code := s.stop(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	writers.Wait()

	stored := emails(t, dir)
	acknowledged.Range(func(email, _ any) bool {
		if !stored[email.(string)] {
			t.Errorf("%s was acknowledged and is gone", email)
		}
		return true
	})
}

func emails(t *testing.T, dir string) map[string]bool {
	t.Helper()
	db, err := server.ConnectDB(filepath.Join(dir, "pb_data", "data.db"))
	check(t, err)
	defer db.Close()
	var found []string
	check(t, db.Select("email").From("users").Column(&found))
	stored := map[string]bool{}
	for _, email := range found {
		stored[email] = true
	}
	return stored
}

func TestAFullDiskRefusesWritesUntilThereIsRoomAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	data := filepath.Join(dir, "pb_data")
	check(t, os.Mkdir(data, 0o700))
	if err := syscall.Mount("tmpfs", data, "tmpfs", 0, "size=16m"); err != nil {
		t.Skipf("only root can make a small disk: %v", err)
	}
	defer func() { check(t, syscall.Unmount(data, syscall.MNT_DETACH)) }()
	s := serve(t, dir)
	defer s.kill()
	if code := s.register("before@example.com"); code != http.StatusOK {
		t.Fatalf("registering answers %d", code)
	}

	filler := fill(t, data)
	if code := s.register("during@example.com"); code != http.StatusInsufficientStorage {
		t.Errorf("a write answers %d", code)
	}
	if code, _ := s.get("/"); code != http.StatusOK {
		t.Errorf("a read answers %d", code)
	}
	if body := s.waitFor(http.StatusServiceUnavailable, 30*time.Second); !strings.Contains(body, `"degraded":["disk_full"`) {
		t.Errorf("the cause is not told: %s", body)
	}

	check(t, os.Remove(filler))
	s.waitFor(http.StatusOK, 30*time.Second)
	if code := s.register("after@example.com"); code != http.StatusOK {
		t.Errorf("a write answers %d when there is room again", code)
	}
}

// fill writes a file until the disk has no room.
func fill(t *testing.T, dir string) (path string) {
	t.Helper()
	file, err := os.Create(filepath.Join(dir, "filler"))
	check(t, err)
	defer file.Close()
	for err == nil {
		_, err = file.Write(make([]byte, 4096))
	}
	return file.Name()
}

// waitFor asks for the health until it is as wanted.
func (s *served) waitFor(want int, atMost time.Duration) (body string) {
	s.t.Helper()
	code := 0
	for deadline := time.Now().Add(atMost); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		if code, body = s.get("/api/health"); code == want {
			return body
		}
	}
	s.t.Errorf("the health is %d, not %d within %s", code, want, atMost)
	return body
}
