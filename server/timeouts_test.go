package server

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
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

func TestADribbledBodyIsCutOff(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(limitBodies(echo, 100*time.Millisecond))
	defer server.Close()
	for name, head := range map[string]string{
		"of a known length": "Content-Length: 100\r\n\r\nabc",
		"in chunks":         "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			connection := dial(t, server)
			fmt.Fprint(connection, "POST / HTTP/1.1\r\nHost: x\r\n"+head)
			response, err := http.ReadResponse(bufio.NewReader(connection), nil)
			if err != nil {
				t.Fatal(err)
			}
			if response.StatusCode != http.StatusBadRequest || !response.Close {
				t.Errorf("want a refusal that closes the connection, got %d, close %t", response.StatusCode, response.Close)
			}
			if rest, err := io.ReadAll(connection); err != nil {
				t.Errorf("the connection stays open: %q, %v", rest, err)
			}
		})
	}
}

func TestABodyThatComesSteadilyMayTakeLonger(t *testing.T) {
	t.Parallel()
	const limit = 300 * time.Millisecond
	server := httptest.NewServer(limitBodies(echo, limit))
	defer server.Close()
	body, pieces := io.Pipe()
	go func() {
		for range 6 { // each piece earns two seconds
			_, _ = pieces.Write(bytes.Repeat([]byte("x"), 2*uploadPace))
			time.Sleep(limit / 4)
		}
		_ = pieces.Close()
	}()
	response, err := http.Post(server.URL, "text/plain", body)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if got, _ := io.ReadAll(response.Body); string(got) != fmt.Sprint(12*uploadPace) {
		t.Errorf("got %d %s", response.StatusCode, got)
	}
}

func TestAnAnswerMayTakeLongerThanItsBodyMay(t *testing.T) {
	t.Parallel()
	const limit = 50 * time.Millisecond
	slow := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body)
		select {
		case <-r.Context().Done():
		case <-time.After(3 * limit):
			fmt.Fprint(w, "done")
		}
	})
	server := httptest.NewServer(limitBodies(slow, limit))
	defer server.Close()
	for name, body := range map[string]io.Reader{"with a body": bytes.NewReader([]byte("abc")), "without": nil} {
		response, err := http.Post(server.URL, "text/plain", body)
		if err != nil {
			t.Fatal(name, err)
		}
		if got, _ := io.ReadAll(response.Body); string(got) != "done" {
			t.Errorf("%s: got %q", name, got)
		}
		if err := response.Body.Close(); err != nil {
			t.Error(err)
		}
	}
}

func dial(t *testing.T, server *httptest.Server) net.Conn {
	t.Helper()
	connection, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close() })
	if err := connection.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return connection
}
