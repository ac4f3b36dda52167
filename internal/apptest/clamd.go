package apptest

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"testing"
)

// Clamd is a clamd that speaks the protocol, and its address: it finds what holds the word EICAR, and takes at most a mebibyte.
func Clamd(t testing.TB, network, place string) string {
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
				_, _ = io.WriteString(connection, scanned(bufio.NewReader(connection))+"\x00")
			}()
		}
	}()
	return network + ":" + listening.Addr().String()
}

// scanned reads a file as clamd does, and answers about it.
func scanned(from *bufio.Reader) string {
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
