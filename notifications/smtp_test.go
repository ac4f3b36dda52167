package notifications_test

import (
	"bufio"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"
)

// mailServer speaks SMTP on loopback. By its script it refuses, or says nothing, at a command.
type mailServer struct {
	listener net.Listener
	mu       sync.Mutex
	script   map[string][]string // what to answer to a command, in order, before it goes on as it should
	mails    chan string
}

const hang = "hang"

func newMailServer(t testing.TB) *mailServer {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	s := &mailServer{listener: listener, script: map[string][]string{}, mails: make(chan string, 100)}
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go s.talk(connection)
		}
	}()
	return s
}

// answers lets the server answer a command as said, once each.
func (s *mailServer) answers(command string, replies ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.script[command] = append(s.script[command], replies...)
}

func (s *mailServer) next(command, usual string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if replies := s.script[command]; len(replies) > 0 {
		s.script[command] = replies[1:]
		return replies[0]
	}
	return usual
}

func (s *mailServer) talk(connection net.Conn) {
	defer func() { _ = connection.Close() }()
	lines := bufio.NewReader(connection)
	say := func(command, usual string) string {
		reply := s.next(command, usual)
		if reply == hang {
			_, _ = io.Copy(io.Discard, lines) // until the other side gives up
			return reply
		}
		_, _ = fmt.Fprintf(connection, "%s\r\n", reply)
		return reply
	}
	for reply := say("CONNECT", "220 test"); reply != hang; {
		line, err := lines.ReadString('\n')
		if err != nil {
			return
		}
		command, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch command {
		case "EHLO", "MAIL", "RCPT":
			reply = say(command, "250 ok")
		case "DATA":
			if reply = say(command, "354 go on"); strings.HasPrefix(reply, "354") {
				content := readMail(lines)
				if reply = say("END", "250 taken"); strings.HasPrefix(reply, "250") {
					s.mails <- content
				}
			}
		case "QUIT":
			say(command, "221 bye")
			return
		default:
			say(command, "502 unknown")
		}
	}
}

func readMail(lines *bufio.Reader) string {
	var b strings.Builder
	for {
		line, err := lines.ReadString('\n')
		if err != nil || strings.TrimRight(line, "\r\n") == "." {
			return b.String()
		}
		b.WriteString(line)
	}
}

// letter is a mail as it was read.
type letter struct {
	Header     mail.Header
	Subject    string
	Text, HTML string
	Raw        string
}

func readLetter(t testing.TB, raw string) letter {
	t.Helper()
	if rest, ok := strings.CutPrefix(raw, "X-Envelope: "); ok {
		_, raw, _ = strings.Cut(rest, "\r\n")
	}
	message, err := mail.ReadMessage(strings.NewReader(raw))
	if err != nil {
		t.Fatalf("read a mail: %v\n%s", err, raw)
	}
	l := letter{Header: message.Header, Raw: raw}
	if l.Subject, err = new(mime.WordDecoder).DecodeHeader(message.Header.Get("Subject")); err != nil {
		t.Fatal(err)
	}
	l.read(t, message.Header.Get("Content-Type"), message.Header.Get("Content-Transfer-Encoding"), message.Body)
	return l
}

func (l *letter) read(t testing.TB, contentType, encoding string, body io.Reader) {
	t.Helper()
	kind, parameters, err := mime.ParseMediaType(contentType)
	if err != nil {
		t.Fatalf("a part of a mail has the type %q", contentType)
	}
	if strings.HasPrefix(kind, "multipart/") {
		parts := multipart.NewReader(body, parameters["boundary"])
		for {
			part, err := parts.NextRawPart()
			if err == io.EOF {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			l.read(t, part.Header.Get("Content-Type"), part.Header.Get("Content-Transfer-Encoding"), part)
		}
	}
	if strings.EqualFold(encoding, "quoted-printable") {
		body = quotedprintable.NewReader(body)
	}
	content, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	switch kind {
	case "text/plain":
		l.Text = string(content)
	case "text/html":
		l.HTML = string(content)
	}
}

// want waits for a mail.
func (s *mailServer) want(t testing.TB) letter {
	t.Helper()
	select {
	case raw := <-s.mails:
		return readLetter(t, raw)
	case <-time.After(patience):
		t.Fatal("no mail came")
		return letter{}
	}
}

// none fails the test if a mail came that nobody waited for.
func (s *mailServer) none(t testing.TB) {
	t.Helper()
	select {
	case raw := <-s.mails:
		t.Fatalf("there was a mail:\n%s", raw)
	default:
	}
}

// mailsBy lets the house send mails by the server, at once.
func (h *house) mailsBy(s *mailServer) {
	h.t.Helper()
	settings := h.App.Settings()
	settings.SMTP.Enabled, settings.SMTP.Host = true, "127.0.0.1"
	settings.SMTP.Port = s.listener.Addr().(*net.TCPAddr).Port
	settings.Meta.AppURL, settings.Meta.SenderAddress = "https://care.example", "care@care.example"
	if err := h.App.Save(settings); err != nil {
		h.t.Fatal(err)
	}
	h.atOnce()
}

func (h *house) atOnce() {
	h.t.Helper()
	h.Settings(map[string]any{"email_after_minutes": 0, "email_again_minutes": 0})
}
