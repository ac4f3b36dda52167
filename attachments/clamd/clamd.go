// Package clamd asks a clamd, ClamAV's daemon, whether a file is malware. It implements the part of its protocol that
// streams the file (INSTREAM), so that no plain file is ever written for it.
package clamd

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"
)

const (
	patience  = 20 * time.Second // for one file
	chunk     = 64 << 10
	maxAnswer = 4 << 10
)

// Infected is the result for a file with malware.
type Infected struct{ What string }

func (i *Infected) Error() string { return "infected: " + i.What }

// CheckAddress validates the address of a clamd: unix:/path/of/its/socket, or tcp:host:port.
func CheckAddress(address string) error {
	network, place, found := strings.Cut(address, ":")
	switch {
	case !found || place == "":
	case network == "unix" && strings.HasPrefix(place, "/"):
		return nil
	case network == "tcp":
		if _, _, err := net.SplitHostPort(place); err == nil {
			return nil
		}
	}
	return fmt.Errorf("%q is not a clamd address; use unix:/run/clamav/clamd.ctl or tcp:127.0.0.1:3310", address)
}

// Scan lets the clamd at address scan a file: nil if it finds nothing, [Infected] if it does; every other error means
// that the scan failed.
func Scan(ctx context.Context, address string, file []byte) error {
	if err := CheckAddress(address); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	network, place, _ := strings.Cut(address, ":")
	connection, err := (&net.Dialer{}).DialContext(ctx, network, place)
	if err != nil {
		return fmt.Errorf("reach clamd: %w", err)
	}
	defer func() { _ = connection.Close() }() // the answer is all that counts
	stop := context.AfterFunc(ctx, func() { _ = connection.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	sendErr := send(connection, file) // a clamd that has seen enough answers and closes before the end
	answer, err := io.ReadAll(io.LimitReader(connection, maxAnswer))
	if len(answer) == 0 {
		return fmt.Errorf("ask clamd: %w", errors.Join(sendErr, err, io.ErrUnexpectedEOF))
	}
	return read(string(bytes.TrimRight(answer, "\x00\n")))
}

// send streams the file in chunks, each with its length before it; one of no length is the end.
func send(to io.Writer, file []byte) error {
	if _, err := io.WriteString(to, "zINSTREAM\x00"); err != nil {
		return err
	}
	for rest := file; len(rest) > 0; {
		n := min(len(rest), chunk)
		part := binary.BigEndian.AppendUint32(make([]byte, 0, n+4), uint32(n))
		if _, err := to.Write(append(part, rest[:n]...)); err != nil {
			return err
		}
		rest = rest[n:]
	}
	_, err := to.Write(make([]byte, 4))
	return err
}

// read understands an answer: "stream: OK", "stream: NAME FOUND", or an error.
func read(answer string) error {
	said, found := strings.CutPrefix(answer, "stream: ")
	switch {
	case found && said == "OK":
		return nil
	case found && strings.HasSuffix(said, " FOUND"):
		return &Infected{strings.TrimSuffix(said, " FOUND")}
	}
	return fmt.Errorf("clamd answers %.200q", answer)
}
