package mailqueue

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/mailer"
)

func TestWithoutAServerAMailIsAFileForTheOperator(t *testing.T) {
	o := newOutbox(t, core.SMTPConfig{})
	if err := o.Send(letter("Grüße, Ana")); err != nil {
		t.Fatal(err)
	}
	files := list(t, o.dir)
	if len(files) != 1 {
		t.Fatalf("want one .eml file, got %v", files)
	}
	wantMode(t, o.dir, 0o700)
	wantMode(t, files[0], 0o600)

	message, err := mail.ReadMessage(open(t, files[0]))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"From", "To", "Subject", "Date", "Message-Id", "Mime-Version"} {
		if message.Header.Get(name) == "" {
			t.Errorf("the mail has no %s", name)
		}
	}
	body, _ := io.ReadAll(message.Body)
	for _, part := range []string{"text/plain", "text/html", "https://care.example/x"} {
		if !strings.Contains(string(body), part) {
			t.Errorf("the mail lacks %q", part)
		}
	}
}

func TestTheDirectoryIsClosedToOthersEvenIfItWasOpen(t *testing.T) {
	o := newOutbox(t, core.SMTPConfig{})
	if err := os.Mkdir(o.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := o.Send(letter("x")); err != nil {
		t.Fatal(err)
	}
	wantMode(t, o.dir, 0o700)
}

func TestAMailThatIsRefusedIsSentLater(t *testing.T) {
	server := startServer(t, "451 later, ana@example.org", "554 never")
	o := newOutbox(t, server.config())
	if err := o.Send(letter("Wait for it")); err != nil {
		t.Fatal(err)
	}
	run(t, o)

	received := <-server.mails
	if !strings.Contains(received, "Subject: Wait for it") || strings.Contains(received, envelopeHeader) {
		t.Errorf("unexpected mail:\n%s", received)
	}
	if !strings.HasPrefix(received, "MAIL FROM:<care@example.org> RCPT TO:<ana@example.org> RCPT TO:<hidden@example.org>") {
		t.Errorf("unexpected envelope:\n%.200s", received)
	}
}

func TestAMailWaitsForAServerThatIsDownAcrossARestart(t *testing.T) {
	server := startServer(t)
	down := server.config()
	down.Port = closedPort(t)
	first := newOutbox(t, down)
	for range 3 {
		if err := first.Send(letter("Patience")); err != nil {
			t.Fatal(err)
		}
	}
	if first.sendPending(t.Context()); len(list(t, filepath.Join(first.dir, pending))) != 3 {
		t.Fatal("want the mails kept while the server is down")
	}

	second := New(first.dir, server.config, first.logger)
	run(t, second)
	for range 3 {
		<-server.mails
	}
}

func TestASentMailLeavesNoFile(t *testing.T) {
	server := startServer(t)
	o := newOutbox(t, server.config())
	if err := o.Send(letter("Once")); err != nil {
		t.Fatal(err)
	}
	if o.sendPending(t.Context()); len(server.mails) != 1 {
		t.Fatal("want the mail sent")
	}
	if files := list(t, filepath.Join(o.dir, pending)); len(files) != 0 {
		t.Errorf("want no file left, got %v", files)
	}
	if o.sendPending(t.Context()); len(server.mails) != 1 {
		t.Error("want the mail sent once")
	}
}

func TestAMailThatNobodyTakesForDaysComesBackToTheOperator(t *testing.T) {
	server := startServer(t, "550 no", "550 no")
	o := newOutbox(t, server.config())
	if err := o.Send(letter("Too old")); err != nil {
		t.Fatal(err)
	}
	waiting := list(t, filepath.Join(o.dir, pending))
	old := time.Now().Add(-giveUp - time.Minute)
	if err := os.Chtimes(waiting[0], old, old); err != nil {
		t.Fatal(err)
	}
	o.sendPending(t.Context())
	if files := list(t, o.dir); len(files) != 1 {
		t.Errorf("want the mail back in the outbox, got %v", files)
	}
}

func TestAFileThatIsNoMailHoldsUpNoOther(t *testing.T) {
	server := startServer(t)
	o := newOutbox(t, server.config())
	if err := o.Send(letter("After the broken one")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(o.dir, pending, "0000.eml"), []byte("?"), 0o600); err != nil {
		t.Fatal(err)
	}
	if o.sendPending(t.Context()); len(server.mails) != 1 {
		t.Error("want the mail sent all the same")
	}
}

func TestALogTellsNoAddress(t *testing.T) {
	server := startServer(t, "550 ana@example.org is unknown here")
	var log strings.Builder
	o := newOutbox(t, server.config())
	o.logger = func() *slog.Logger { return slog.New(slog.NewTextHandler(&log, nil)) }
	if err := o.Send(letter("x")); err != nil {
		t.Fatal(err)
	}
	o.sendPending(t.Context())
	if strings.Contains(log.String(), "ana@") || !strings.Contains(log.String(), "550") {
		t.Errorf("want the code alone in the log, got %s", log.String())
	}
}

func TestPlainTextKeepsLinksAndDropsStyles(t *testing.T) {
	got := plainText("<html><head><style>p{}</style></head><body><p>Hello <b>Ana</b>,</p><p>\n click <a href=\"https://x.example\">here</a></p></body></html>")
	if want := "Hello Ana,\n\nclick here (https://x.example)\n"; got != want {
		t.Errorf("want %q, got %q", want, got)
	}
}

func TestBackoffGrowsToALimit(t *testing.T) {
	if backoff(1) != shortest || backoff(2) != 2*shortest || backoff(100) != longest {
		t.Errorf("unexpected waits: %s, %s, %s", backoff(1), backoff(2), backoff(100))
	}
}

func newOutbox(t *testing.T, server core.SMTPConfig) *Queue {
	t.Helper()
	discard := slog.New(slog.DiscardHandler)
	o := New(filepath.Join(t.TempDir(), Dir), func() core.SMTPConfig { return server }, func() *slog.Logger { return discard })
	o.delay = func(int) time.Duration { return time.Millisecond }
	return o
}

func letter(subject string) *mailer.Message {
	return &mailer.Message{
		From:    mail.Address{Name: "Care", Address: "care@example.org"},
		To:      []mail.Address{{Address: "ana@example.org"}},
		Bcc:     []mail.Address{{Address: "hidden@example.org"}},
		Subject: subject,
		HTML:    `<p>Hello, <a href="https://care.example/x">look</a></p>`,
	}
}

func run(t *testing.T, o *Queue) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); o.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
}

func list(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*"+extension))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func open(t *testing.T, path string) *os.File {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func wantMode(t *testing.T, path string, want os.FileMode) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); got != want {
		t.Errorf("want mode %o of %s, got %o", want, path, got)
	}
}

func closedPort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// smtpServer speaks SMTP; it answers the first mails with the given refusals.
type smtpServer struct {
	listener net.Listener
	refusals chan string
	mails    chan string
}

func startServer(t *testing.T, refusals ...string) *smtpServer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	s := &smtpServer{listener: l, refusals: make(chan string, len(refusals)), mails: make(chan string, 100)}
	for _, r := range refusals {
		s.refusals <- r
	}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go s.talk(conn)
		}
	}()
	return s
}

func (s *smtpServer) config() core.SMTPConfig {
	return core.SMTPConfig{Enabled: true, Host: "127.0.0.1", Port: s.listener.Addr().(*net.TCPAddr).Port}
}

func (s *smtpServer) talk(conn net.Conn) {
	defer conn.Close()
	lines := bufio.NewScanner(conn)
	say := func(line string) { fmt.Fprintf(conn, "%s\r\n", line) }
	var commands []string
	say("220 test")
	for lines.Scan() {
		switch line := lines.Text(); {
		case strings.HasPrefix(line, "EHLO"):
			say("250 test")
		case strings.HasPrefix(line, "MAIL"):
			commands = append(commands, line)
			select {
			case no := <-s.refusals:
				say(no)
			default:
				say("250 ok")
			}
		case strings.HasPrefix(line, "RCPT"):
			commands = append(commands, line)
			say("250 ok")
		case line == "DATA":
			say("354 go on")
			s.mails <- strings.Join(commands, " ") + "\n" + data(lines)
			say("250 taken")
		case line == "QUIT":
			say("221 bye")
			return
		default:
			say("502 unknown")
		}
	}
}

func data(lines *bufio.Scanner) string {
	var b strings.Builder
	for lines.Scan() && lines.Text() != "." {
		b.WriteString(lines.Text() + "\n")
	}
	return b.String()
}
