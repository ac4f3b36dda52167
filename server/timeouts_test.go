package server

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pocketbase/pocketbase/tools/router"
)

// echo answers with the length of the body, read the way PocketBase reads one.
var echo = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(&router.RereadableReadCloser{ReadCloser: r.Body})
	if err != nil {
		http.Error(w, "the body broke off", http.StatusBadRequest)
		return
	}
	fmt.Fprint(w, len(body))
})

// The time of these tests is that of their own bubble: it passes when everything waits, however slow the machine is.

func TestADribbledBodyIsCutOff(t *testing.T) {
	t.Parallel()
	for name, head := range map[string]string{
		"of a known length": "Content-Length: 100\r\n\r\nabc",
		"in chunks":         "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				peer, begun := pipe(t, limitBodies(echo, bodyTimeout)), time.Now()
				fmt.Fprint(peer, "POST / HTTP/1.1\r\nHost: x\r\n"+head)
				response, err := http.ReadResponse(bufio.NewReader(peer), nil)
				if err != nil {
					t.Fatal(err)
				}
				if response.StatusCode != http.StatusBadRequest || !response.Close {
					t.Errorf("want a refusal that closes the connection, got %d, close %t", response.StatusCode, response.Close)
				}
				if took := time.Since(begun); took != bodyTimeout {
					t.Errorf("it was cut off after %s", took)
				}
				if rest, err := io.ReadAll(peer); err != nil {
					t.Errorf("the connection stays open: %q, %v", rest, err)
				}
			})
		})
	}
}

func TestABodyThatComesSteadilyMayTakeLonger(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const pieces, size = 60, 2 * uploadPace // each earns two seconds
		peer := pipe(t, limitBodies(echo, bodyTimeout))
		fmt.Fprintf(peer, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n", pieces*size)
		for range pieces {
			if _, err := peer.Write(bytes.Repeat([]byte("x"), size)); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
		}
		response, err := http.ReadResponse(bufio.NewReader(peer), nil)
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := io.ReadAll(response.Body); string(got) != fmt.Sprint(pieces*size) {
			t.Errorf("got %d %s", response.StatusCode, got)
		}
	})
}

func TestAnAnswerMayTakeLongerThanItsBodyMay(t *testing.T) {
	t.Parallel()
	slow := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body)
		select {
		case <-r.Context().Done():
		case <-time.After(3 * bodyTimeout):
			fmt.Fprint(w, "done")
		}
	})
	for name, rest := range map[string]string{"with a body": "Content-Length: 3\r\n\r\nabc", "without": "\r\n"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				peer := pipe(t, limitBodies(slow, bodyTimeout))
				fmt.Fprint(peer, "POST / HTTP/1.1\r\nHost: x\r\n"+rest)
				response, err := http.ReadResponse(bufio.NewReader(peer), nil)
				if err != nil {
					t.Fatal(err)
				}
				if got, _ := io.ReadAll(response.Body); string(got) != "done" {
					t.Errorf("got %q", got)
				}
			})
		})
	}
}

// pipe serves a handler to one peer, whose end of the connection it returns.
func pipe(t *testing.T, handler http.Handler) net.Conn {
	t.Helper()
	peer, ours := net.Pipe()
	listener := &single{connections: make(chan net.Conn, 1)}
	listener.connections <- ours
	server := &http.Server{Handler: handler} //nolint:gosec // the timeouts are what is tested
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("serve: %v", err)
		}
	}()
	t.Cleanup(func() {
		_ = peer.Close()
		_ = server.Close() // which closes the listener
		<-ended
	})
	return peer
}

// single is a listener with one connection.
type single struct{ connections chan net.Conn }

func (s *single) Accept() (net.Conn, error) {
	if c, open := <-s.connections; open {
		return c, nil
	}
	return nil, net.ErrClosed
}

func (s *single) Close() error {
	close(s.connections)
	return nil
}

func (s *single) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "unix"} }
