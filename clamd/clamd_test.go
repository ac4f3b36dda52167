package clamd_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"path/filepath"
	"testing"
	"time"

	"carecollective/clamd"
)

// serve is a clamd that speaks the protocol: it finds what holds the word EICAR, and takes at most a mebibyte.
func serve(t *testing.T, network, place string) string {
	t.Helper()
	listening, err := (&net.ListenConfig{}).Listen(t.Context(), network, place)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listening.Close() })
	go func() {
		for {
			connection, err := listening.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = connection.Close() }()
				_, _ = io.WriteString(connection, answer(bufio.NewReader(connection))+"\x00")
			}()
		}
	}()
	return network + ":" + listening.Addr().String()
}

func answer(from *bufio.Reader) string {
	if command, err := from.ReadString(0); err != nil || command != "zINSTREAM\x00" {
		return "UNKNOWN COMMAND"
	}
	var file []byte
	for {
		var size uint32
		if err := binary.Read(from, binary.BigEndian, &size); err != nil {
			return "stream: broke off ERROR"
		}
		if size == 0 {
			break
		}
		if len(file)+int(size) > 1<<20 {
			return "INSTREAM size limit exceeded. ERROR"
		}
		part := make([]byte, size)
		if _, err := io.ReadFull(from, part); err != nil {
			return "stream: broke off ERROR"
		}
		file = append(file, part...)
	}
	if bytes.Contains(file, []byte("EICAR")) {
		return "stream: Eicar-Signature FOUND"
	}
	return "stream: OK"
}

func TestAFileIsScanned(t *testing.T) {
	t.Parallel()
	large := append(make([]byte, 900_000), "EICAR"...)
	for _, address := range []string{serve(t, "unix", filepath.Join(t.TempDir(), "clamd.ctl")), serve(t, "tcp", "127.0.0.1:0")} {
		if err := clamd.Scan(t.Context(), address, []byte("a photo")); err != nil {
			t.Errorf("%s: a harmless file: %v", address, err)
		}
		if err := clamd.Scan(t.Context(), address, nil); err != nil {
			t.Errorf("%s: an empty file: %v", address, err)
		}
		for _, file := range [][]byte{[]byte("EICAR"), large} {
			var infected *clamd.Infected
			if err := clamd.Scan(t.Context(), address, file); !errors.As(err, &infected) || infected.What != "Eicar-Signature" {
				t.Errorf("%s: a harmful file: %v", address, err)
			}
		}
	}
}

func TestWhatCouldNotBeScannedIsNotTakenForHarmless(t *testing.T) {
	t.Parallel()
	silent, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = silent.Close() })
	brief, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	working := serve(t, "tcp", "127.0.0.1:0")
	for name, c := range map[string]struct {
		ctx     context.Context
		address string
		file    []byte
	}{
		"nobody listens":      {t.Context(), "unix:" + filepath.Join(t.TempDir(), "none"), []byte("x")},
		"it never answers":    {brief, "tcp:" + silent.Addr().String(), []byte("x")},
		"it takes no more":    {t.Context(), working, make([]byte, 2<<20)},
		"the address is none": {t.Context(), "/run/clamd.ctl", []byte("x")},
		"the asker has gone":  {func() context.Context { c, stop := context.WithCancel(t.Context()); stop(); return c }(), working, []byte("x")},
	} {
		var infected *clamd.Infected
		if err := clamd.Scan(c.ctx, c.address, c.file); err == nil || errors.As(err, &infected) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAnAddressIsAUnixSocketOrATCPPort(t *testing.T) {
	t.Parallel()
	for address, right := range map[string]bool{
		"unix:/run/clamav/clamd.ctl": true, "tcp:127.0.0.1:3310": true, "tcp:[::1]:3310": true,
		"": false, "unix:": false, "unix:relative": false, "tcp:127.0.0.1": false, "http://x": false, "/run/clamd.ctl": false,
	} {
		if err := clamd.CheckAddress(address); (err == nil) != right {
			t.Errorf("%q: %v", address, err)
		}
	}
}
