// Package mailqueue keeps every mail on disk until a mail server has accepted it, so that none is lost: neither while no
// server is set, nor while it refuses or cannot be reached, nor in a crash. It knows mails and SMTP, and nothing of
// members or of why a mail is sent.
//
// Without a server a mail stays in the directory as an .eml file for the operator. With one it waits in the folder
// pending until it is sent; a mail that no server accepted for days goes back to the directory.
package mailqueue

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/smtp"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/mailer"
	"github.com/pocketbase/pocketbase/tools/security"
)

const (
	// Dir is the name of the directory, within that of the data.
	Dir = "outbox"

	pending   = "pending"
	extension = ".eml"

	dirMode  = 0o700
	fileMode = 0o600
)

var _ mailer.Mailer = (*Queue)(nil)

// Queue is a directory of mails. It is a [mailer.Mailer] that never waits for a mail server.
type Queue struct {
	dir    string
	server func() core.SMTPConfig
	logger func() *slog.Logger

	wake  chan struct{}
	delay func(failures int) time.Duration
	tries map[string]try // failed attempts; used by Run only, in memory
}

// New returns an outbox in the directory dir, which is created with the first mail. server is called for each mail, so
// that a change of the settings takes effect at once.
func New(dir string, server func() core.SMTPConfig, logger func() *slog.Logger) *Queue {
	return &Queue{
		dir: dir, server: server, logger: logger,
		wake: make(chan struct{}, 1), delay: backoff, tries: map[string]try{},
	}
}

// Send stores the mail; when it returns nil the mail survives a power cut. Where a server is set, [Outbox.Run] sends it.
func (o *Queue) Send(m *mailer.Message) error {
	mail, err := encode(m)
	if err != nil {
		return fmt.Errorf("encode mail: %w", err)
	}
	dir := o.dir
	if o.server().Enabled {
		dir = filepath.Join(o.dir, pending)
	}
	if err := store(o.dir, dir, nameOf(m), mail); err != nil {
		return fmt.Errorf("store mail: %w", err)
	}
	o.Wake()
	return nil
}

// SendNow passes the mail to the mail server and waits for its answer; if none is set, it stores the mail for the operator.
// A refusal by the server is a [Refusal].
func (o *Queue) SendNow(ctx context.Context, m *mailer.Message) error {
	server := o.server()
	if !server.Enabled {
		return o.Send(m)
	}
	file, err := encode(m)
	if err != nil {
		return fmt.Errorf("encode mail: %w", err)
	}
	e, message, err := decode(file)
	if err != nil {
		return err
	}
	return deliver(ctx, server, e, message)
}

// Try connects to the mail server as for a mail, without sending one; nil if none is set.
func (o *Queue) Try(ctx context.Context) error {
	server := o.server()
	if !server.Enabled {
		return nil
	}
	return attempt(ctx, server, func(client *smtp.Client) error { return client.Noop() })
}

// Wake makes [Outbox.Run] check the queue at once.
func (o *Queue) Wake() {
	select {
	case o.wake <- struct{}{}:
	default: // it is to look already
	}
}

// nameOf returns the name of a mail's file. A mail with its own id is stored under it, so that storing it again makes no
// second one.
func nameOf(m *mailer.Message) string {
	id, _, _ := strings.Cut(strings.TrimPrefix(m.Headers["Message-ID"], "<"), "@")
	if id == "" || len(id) > 200 || strings.Trim(id, idAlphabet) != "" || strings.HasPrefix(id, ".") {
		return newName(time.Now())
	}
	return id + extension
}

const idAlphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_"

// newName is unique, and sorts by time.
func newName(now time.Time) string {
	return now.UTC().Format("20060102T150405.000000000Z") + "-" + security.RandomString(8) + extension
}

// store writes the file so that it is either there whole, also after a power cut, or not at all.
func store(root, dir, name string, content []byte) error {
	for _, d := range []string{root, dir} {
		if err := makeDir(d); err != nil {
			return err
		}
	}
	temporary := filepath.Join(dir, "."+name)
	if err := os.Remove(temporary); err != nil && !errors.Is(err, fs.ErrNotExist) { // a leftover of a crash
		return err
	}
	if err := writeSynced(temporary, content); err != nil {
		_ = os.Remove(temporary) // best effort: the first error is what counts
		return err
	}
	if err := os.Rename(temporary, filepath.Join(dir, name)); err != nil {
		return err
	}
	return syncDir(dir)
}

func makeDir(dir string) error {
	err := os.Mkdir(dir, dirMode)
	if os.IsExist(err) {
		return os.Chmod(dir, dirMode)
	}
	if err != nil {
		return err
	}
	return syncDir(filepath.Dir(dir))
}

func writeSynced(path string, content []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if err != nil {
		return err
	}
	if _, err := f.Write(content); err != nil {
		_ = f.Close() // the first error is what counts
		return err
	}
	if err := f.Sync(); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}

// syncDir makes creations, renames and removals in dir durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
