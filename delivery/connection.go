package delivery

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
)

// sendBuffer is how much the kernel buffers for a stream's reader. By default it would buffer megabytes for a stalled reader,
// and notice late.
const sendBuffer = 64 << 10

type connectionKey struct{}

// keepConnections lets a request find its connection.
func keepConnections(server *http.Server) {
	before := server.ConnContext
	server.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
		if before != nil {
			ctx = before(ctx, c)
		}
		return context.WithValue(ctx, connectionKey{}, c)
	}
}

// shorten limits what the kernel buffers for the reader of an answer. An HTTP/2 connection is shared and stays as it is.
func shorten(r *http.Request) error {
	c, _ := r.Context().Value(connectionKey{}).(net.Conn)
	if secure, ok := c.(*tls.Conn); ok {
		c = secure.NetConn()
	}
	if plain, ok := c.(*net.TCPConn); ok && r.ProtoMajor == 1 {
		return plain.SetWriteBuffer(sendBuffer)
	}
	return nil
}
