package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"carecollective/bench/stage"
)

// kind is a server to measure.
type kind struct {
	name string
	bare bool
	full bool // bare, but with durable commits
}

var (
	ours           = kind{name: "ours"}
	barePocketBase = kind{name: "bare PocketBase", bare: true}
	bareDurable    = kind{name: "bare PocketBase, FULL", bare: true, full: true}
)

// binaries are the servers, built from this source.
type binaries struct{ dir string }

// build puts the servers into dir, which must not lie below $TMPDIR: PocketBase would take them for `go run`.
func build(ctx context.Context, dir string) (binaries, error) {
	for name, source := range map[string]string{"carecollective": ".", "bare": "./bench/bare"} {
		command := exec.CommandContext(ctx, "go", "build", "-o", filepath.Join(dir, name), source) //nolint:gosec // our own names
		command.Stderr = os.Stderr
		if err := command.Run(); err != nil {
			return binaries{}, fmt.Errorf("build %s: %w", name, err)
		}
	}
	return binaries{dir}, nil
}

// server is one that runs, with what stands in its directory.
type server struct {
	*stage.Stage
	kind    kind
	address string
	command *exec.Cmd
}

// start makes a stage in a fresh directory and serves it.
func (b binaries) start(ctx context.Context, k kind, plan stage.Plan) (*server, error) {
	dir, err := os.MkdirTemp(b.dir, "data-")
	if err != nil {
		return nil, err
	}
	s := &server{kind: k}
	if k.bare {
		s.Stage, err = b.makeBare(ctx, dir, plan)
	} else {
		s.Stage, err = makeOurs(dir, plan)
	}
	if err != nil {
		return nil, fmt.Errorf("make the stage of %s: %w", k.name, err)
	}
	return s, b.serve(ctx, s, dir)
}

func (b binaries) makeBare(ctx context.Context, dir string, plan stage.Plan) (*stage.Stage, error) {
	encoded, err := json.Marshal(plan)
	if err != nil {
		return nil, err
	}
	command := exec.CommandContext(ctx, filepath.Join(b.dir, "bare"), "stage", string(encoded), "--dir", filepath.Join(dir, "pb_data")) //nolint:gosec // our own binary
	command.Stderr = os.Stderr
	output, err := command.Output()
	if err != nil {
		return nil, err
	}
	made := &stage.Stage{}
	return made, json.Unmarshal(output, made)
}

const (
	operator = "operator@example.org"
	password = "correct horse battery"
)

// serve starts the server on a port that is free, and raises its limits.
func (b binaries) serve(ctx context.Context, s *server, dir string) error {
	name := "carecollective"
	if s.kind.bare {
		name = "bare"
	}
	binary, data := filepath.Join(b.dir, name), filepath.Join(dir, "pb_data")
	upsert := exec.CommandContext(ctx, binary, "superuser", "upsert", operator, password, "--dir", data) //nolint:gosec // our own binary
	if output, err := upsert.CombinedOutput(); err != nil {
		return fmt.Errorf("make a superuser: %w: %s", err, output)
	}
	var err error
	if s.address, err = freeAddress(ctx); err != nil {
		return err
	}
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()                                            // the server holds its own handle
	s.command = exec.Command(binary, "serve", "--http", s.address, "--dir", data) //nolint:gosec,noctx // it is stopped by a signal
	s.command.Stdout, s.command.Stderr = log, log
	if s.kind.full {
		s.command.Env = append(os.Environ(), "BARE_FULL=1")
	}
	if err := s.command.Start(); err != nil {
		return err
	}
	if err := s.await(ctx); err != nil {
		return errors.Join(err, s.stop())
	}
	if s.kind.bare {
		return nil
	}
	return s.raiseLimits(ctx)
}

func freeAddress(ctx context.Context) (string, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

// await waits until the server answers.
func (s *server) await(ctx context.Context) error {
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.address+"/api/health", http.NoBody)
		if err != nil {
			return err
		}
		if response, err := http.DefaultClient.Do(request); err == nil {
			return response.Body.Close()
		}
	}
	return errors.New("the server does not answer")
}

// raiseLimits lets the members write as much as they can, all from one address.
func (s *server) raiseLimits(ctx context.Context) error {
	var signedIn struct{ Token string }
	err := s.call(ctx, http.MethodPost, "/api/collections/_superusers/auth-with-password", "",
		map[string]any{"identity": operator, "password": password}, &signedIn)
	if err != nil {
		return fmt.Errorf("sign in as the operator: %w", err)
	}
	const high = 1_000_000_000
	limits := map[string]any{
		"daily_message_limit": high, "window_message_limit": high, "established_after_days": 0,
		"streams_per_address": high, "streams_per_account": high,
	}
	return s.call(ctx, http.MethodPatch, "/api/collections/messaging_settings/records/settings0000000", signedIn.Token, limits, &struct{}{})
}

// call makes one request outside of what is measured.
func (s *server) call(ctx context.Context, method, path, token string, body, answer any) error {
	encoded, err := json.Marshal(body)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, method, "http://"+s.address+path, bytes.NewReader(encoded))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }() // only read
	if response.StatusCode >= http.StatusMultipleChoices {
		return fmt.Errorf("%s %s is answered %s", method, path, response.Status)
	}
	return json.NewDecoder(response.Body).Decode(answer)
}

// stop ends the server and waits for it.
func (s *server) stop() error {
	if err := s.command.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	killer := time.AfterFunc(10*time.Second, func() { _ = s.command.Process.Kill() }) // it may have ended just now
	defer killer.Stop()
	_ = s.command.Wait() // how a signal ends it is no matter
	return nil
}

// cpu is the processor time that the server has used.
func (s *server) cpu() (time.Duration, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.command.Process.Pid))
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+2:]))
	const tick = 10 * time.Millisecond // USER_HZ is 100 on Linux
	used := 0
	for _, field := range fields[11:13] {
		n, err := strconv.Atoi(field)
		if err != nil {
			return 0, err
		}
		used += n
	}
	return time.Duration(used) * tick, nil
}

// memory is what the server holds resident, in KiB.
func (s *server) memory() (int, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.command.Process.Pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		if value, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			return strconv.Atoi(strings.Fields(value)[0])
		}
	}
	return 0, errors.New("no VmRSS in /proc")
}
