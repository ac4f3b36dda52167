package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"
)

// connection is one kept open for many requests. It is plainer than net/http's client, which would take a good part of
// the processor from the server beside it.
type connection struct {
	net.Conn
	in  *bufio.Reader
	out []byte
}

func (s *server) connect() (*connection, error) {
	conn, err := net.DialTimeout("tcp", s.address, 10*time.Second) //nolint:noctx // bounded by its time
	if err != nil {
		return nil, err
	}
	return &connection{Conn: conn, in: bufio.NewReaderSize(conn, 4<<10)}, nil
}

// write sends a request; body may be empty.
func (c *connection) write(method, path, token string, body []byte) error {
	c.out = append(c.out[:0], method...)
	c.out = append(c.out, ' ')
	c.out = append(c.out, path...)
	c.out = append(c.out, " HTTP/1.1\r\nHost: bench"...)
	if token != "" {
		c.out = append(c.out, "\r\nAuthorization: "...)
		c.out = append(c.out, token...)
	}
	if len(body) > 0 {
		c.out = append(c.out, "\r\nContent-Type: application/json\r\nContent-Length: "...)
		c.out = strconv.AppendInt(c.out, int64(len(body)), 10)
	}
	c.out = append(c.out, "\r\n\r\n"...)
	c.out = append(c.out, body...)
	_, err := c.Write(c.out)
	return err
}

// do sends a request and reads the whole answer, which must be a success. It returns how long the answer is.
func (c *connection) do(method, path, token string, body []byte) (int64, error) {
	if err := c.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		return 0, err
	}
	if err := c.write(method, path, token, body); err != nil {
		return 0, err
	}
	response, err := http.ReadResponse(c.in, nil)
	if err != nil {
		return 0, err
	}
	if response.StatusCode >= http.StatusMultipleChoices {
		answer, _ := io.ReadAll(response.Body) // as much of it as there is
		return 0, fmt.Errorf("%s %s is answered %s: %s", method, path, response.Status, answer)
	}
	return io.Copy(io.Discard, response.Body)
}
