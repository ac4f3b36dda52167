package mailqueue

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/smtp"
	"net/textproto"
	"strconv"
	"strings"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/mailer"
)

// patience is the timeout of one mail, so that a silent server does not block the queue.
const patience = time.Minute

// errUnreachable is about the server, not about the one mail.
var errUnreachable = errors.New("the mail server cannot be reached")

// Refusal is a mail server's refusal of one mail: of its recipient or its contents.
type Refusal struct {
	Code        int  // the reply, as RFC 5321 has it
	OfRecipient bool // the server refuses the address
	Subject     int  // the subject by RFC 3463: 1 the address, 2 the mailbox, 7 a policy; 0 if unknown
}

// Error implements error. A server's reply can repeat an address, so it contains only the code.
func (r *Refusal) Error() string { return fmt.Sprintf("the mail server answered %d", r.Code) }

// Permanent reports whether the same mail would be refused again.
func (r *Refusal) Permanent() bool { return r.Code >= 500 }

// NoSuchRecipient reports whether no mail can ever be delivered to that address. A server that refuses us, and would refuse any
// address, says nothing about this one.
func (r *Refusal) NoSuchRecipient() bool {
	if !r.OfRecipient || !r.Permanent() {
		return false
	}
	if r.Subject != 0 {
		return r.Subject == ofAddress || r.Subject == ofMailbox
	}
	return r.Code == noMailbox || r.Code == notLocal || r.Code == badMailbox
}

// The subjects of RFC 3463, and the replies of RFC 5321, that are about the recipient alone.
const (
	ofAddress, ofMailbox            = 1, 2
	noMailbox, notLocal, badMailbox = 550, 551, 553
)

// subjectOf finds the middle number of an enhanced status code ("5.1.1") at the beginning of a reply; 0 where there is none.
func subjectOf(reply string) int {
	code, _, _ := strings.Cut(reply, " ")
	parts := strings.Split(code, ".")
	if len(parts) != 3 {
		return 0
	}
	subject, _ := strconv.Atoi(parts[1]) // anything but a number counts as 0
	return subject
}

// deliver sends one mail to the server. It returns nil once the server has accepted it, and not before.
func deliver(ctx context.Context, server core.SMTPConfig, e envelope, message []byte) error {
	return attempt(ctx, server, func(client *smtp.Client) error { return hand(client, e, message) })
}

// attempt opens a connection to the server and calls talk.
func attempt(ctx context.Context, server core.SMTPConfig, talk func(*smtp.Client) error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	conn, err := dial(ctx, server)
	if err != nil {
		return fmt.Errorf("%w: %w", errUnreachable, err)
	}
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })() // ends whatever waits on the connection
	client, err := smtp.NewClient(conn, server.Host)
	if err != nil {
		_ = conn.Close() // the first error is what counts
		return fmt.Errorf("%w: %w", errUnreachable, err)
	}
	defer client.Close()
	if err := greet(client, server); err != nil {
		return err
	}
	if err := talk(client); err != nil {
		return err
	}
	_ = client.Quit() // the mail was accepted; a failed QUIT must not send it twice
	return nil
}

func dial(ctx context.Context, server core.SMTPConfig) (net.Conn, error) {
	address := net.JoinHostPort(server.Host, strconv.Itoa(server.Port))
	if server.TLS {
		return (&tls.Dialer{Config: &tls.Config{ServerName: server.Host, MinVersion: tls.VersionTLS12}}).DialContext(ctx, "tcp", address)
	}
	return (&net.Dialer{}).DialContext(ctx, "tcp", address)
}

// greet sends EHLO, starts TLS if the server supports it, and signs in if the settings say so.
func greet(client *smtp.Client, server core.SMTPConfig) error {
	if server.LocalName != "" {
		if err := client.Hello(server.LocalName); err != nil {
			return err
		}
	}
	if offered, _ := client.Extension("STARTTLS"); offered && !server.TLS {
		if err := client.StartTLS(&tls.Config{ServerName: server.Host, MinVersion: tls.VersionTLS12}); err != nil {
			return err
		}
	}
	if server.Username == "" && server.Password == "" {
		return nil
	}
	return client.Auth(authOf(server))
}

func authOf(server core.SMTPConfig) smtp.Auth {
	plain := smtp.PlainAuth("", server.Username, server.Password, server.Host)
	if server.AuthMethod == mailer.SMTPAuthLogin {
		return loginAuth{plain, server}
	}
	return plain
}

// loginAuth is the older AUTH LOGIN, under the conditions of the PLAIN one: encrypted, or to this machine.
type loginAuth struct {
	plain  smtp.Auth
	server core.SMTPConfig
}

// Start implements [smtp.Auth].
func (a loginAuth) Start(info *smtp.ServerInfo) (string, []byte, error) {
	_, _, err := a.plain.Start(info)
	return "LOGIN", nil, err
}

// Next implements [smtp.Auth].
func (a loginAuth) Next(prompt []byte, more bool) ([]byte, error) {
	if !more {
		return nil, nil
	}
	switch strings.ToLower(string(prompt)) {
	case "username:":
		return []byte(a.server.Username), nil
	case "password:":
		return []byte(a.server.Password), nil
	}
	return nil, errors.New("the mail server asked for something unknown")
}

func hand(client *smtp.Client, e envelope, message []byte) error {
	if err := client.Mail(e.From); err != nil {
		return err
	}
	for _, to := range e.To {
		if err := client.Rcpt(to); err != nil {
			return refusal(err, true)
		}
	}
	w, err := client.Data()
	if err != nil {
		return refusal(err, false)
	}
	if _, err := w.Write(message); err != nil {
		return err
	}
	return refusal(w.Close(), false)
}

// refusal converts a server's reply to a [Refusal], and leaves every other error as it is.
func refusal(err error, ofRecipient bool) error {
	var reply *textproto.Error
	if errors.As(err, &reply) {
		return &Refusal{Code: reply.Code, OfRecipient: ofRecipient, Subject: subjectOf(reply.Msg)}
	}
	return err
}

// reason returns what may be logged of err: a server's reply can repeat an address, so only its code.
func reason(err error) string {
	var reply *textproto.Error
	if errors.As(err, &reply) {
		return fmt.Sprintf("the mail server answered %d", reply.Code)
	}
	return err.Error()
}
