package delivery

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
)

// sendBuffer is how much the kernel keeps for a stream's reader. By itself it would keep megabytes for one who stalls,
// and notice late.
const sendBuffer = 64 << 10

type connectionKey struct{}

// keepConnections lets a request find the connection on which it came.
func keepConnections(server *http.Server) {
	before := server.ConnContext
	server.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
		if before != nil {
			ctx = before(ctx, c)
		}
		return context.WithValue(ctx, connectionKey{}, c)
	}
}

// shorten bounds what the kernel keeps for the reader of a request's answer. A connection of HTTP/2 is shared, and stays.
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
