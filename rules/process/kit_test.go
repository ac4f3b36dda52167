package process_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// binary is the real program, built once for all tests of this package.
var binary string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "carecollective")
	if err != nil {
		panic(err)
	}
	binary = filepath.Join(dir, "carecollective")
	if output, err := exec.Command("go", "build", "-o", binary, "carecollective").CombinedOutput(); err != nil {
		panic(string(output))
	}
	code := m.Run()
	if err := os.RemoveAll(dir); err != nil {
		panic(err)
	}
	os.Exit(code)
}

// outcome is how a command ended.
type outcome struct {
	code   int
	stdout string
	stderr string
}

// command runs the program in dir until it ends.
func command(t *testing.T, dir string, args ...string) outcome {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), binary, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("run %v: %v", args, err)
	}
	return outcome{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// fails runs the program, which must end with exit code 1 and one line that contains reason.
func fails(t *testing.T, dir, reason string, args ...string) {
	t.Helper()
	got := command(t, dir, args...)
	if got.code != 1 {
		t.Errorf("%v: exit code %d, want 1\n%s", args, got.code, got.stderr)
	}
	if strings.Count(got.stderr, "\n") != 1 || !strings.Contains(got.stderr, reason) {
		t.Errorf("%v: want one line on stderr with %q, got %q", args, reason, got.stderr)
	}
	if got.stdout != "" {
		t.Errorf("%v: want nothing on stdout, got %q", args, got.stdout)
	}
}

// succeeds runs the program, which must end well, and returns what it printed.
func succeeds(t *testing.T, dir string, args ...string) string {
	t.Helper()
	got := command(t, dir, args...)
	if got.code != 0 {
		t.Fatalf("%v: exit code %d\n%s", args, got.code, got.stderr)
	}
	return got.stdout
}

// served is a server that runs.
type served struct {
	t       *testing.T
	process *exec.Cmd
	url     string
	stderr  *bytes.Buffer
}

// serve starts a server on the directory pb_data of dir and waits until it answers.
func serve(t *testing.T, dir string, args ...string) *served {
	t.Helper()
	s := launch(t, dir, args...)
	if !s.healthy() {
		t.Fatalf("the server does not answer: %s", s.stderr)
	}
	return s
}

// launch starts a server without waiting for it.
func launch(t *testing.T, dir string, args ...string) *served {
	t.Helper()
	address := freeAddress(t)
	s := &served{t: t, url: "http://" + address, stderr: &bytes.Buffer{}}
	s.process = exec.Command(binary, append([]string{"serve", "--http", address}, args...)...)
	s.process.Dir, s.process.Stderr = dir, s.stderr
	if err := s.process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.kill)
	return s
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

func (s *served) healthy() bool {
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if code, _ := s.get("/api/health"); code == http.StatusOK {
			return true
		}
	}
	return false
}

// get returns code 0 when nothing answers.
func (s *served) get(path string) (code int, body string) {
	response, err := http.Get(s.url + path)
	if err != nil {
		return 0, ""
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, ""
	}
	return response.StatusCode, string(content)
}

// stop asks the server to end and returns its exit code.
func (s *served) stop() int {
	s.t.Helper()
	if err := s.process.Process.Signal(syscall.SIGTERM); err != nil {
		s.t.Fatal(err)
	}
	hung := time.AfterFunc(time.Minute, func() { _ = s.process.Process.Kill() }) // it may have ended meanwhile
	_ = s.process.Wait()                                                         // the exit code says so
	if !hung.Stop() {
		s.t.Error("the server did not stop")
	}
	return s.process.ProcessState.ExitCode()
}

func (s *served) kill() {
	_ = s.process.Process.Kill() // it may have ended already
	_ = s.process.Wait()
}

// files lists everything below dir.
func files(t *testing.T, dir string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if path != dir {
			found = append(found, strings.TrimPrefix(path, dir+"/"))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
