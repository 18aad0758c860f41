package front

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"slices"
)

// handshake does TLS if the listener has it, and serves a viewer who chose HTTP/2:
// then there is an error. It reports true when net/http has the connection, which is
// HTTP/2 over a TLS that is older than 1.3, or all of it.
func (c *conn) handshake() (handedOn bool, err error) {
	t, ok := c.rwc.(*tls.Conn)
	if !ok {
		return false, nil
	}
	c.arm(headDeadline)
	if err := t.HandshakeContext(context.Background()); err != nil {
		c.explainPlain(err)
		return false, err
	}
	c.rwc.SetReadDeadline(noTime)
	c.armed = noDeadline
	state := t.ConnectionState()
	c.tls = &state
	if state.NegotiatedProtocol != "h2" {
		return false, nil
	}
	if c.server.NetHTTP || state.Version < tls.VersionTLS13 { // before 1.3 with ciphers that HTTP/2 forbids. RFC 9113 §9.2.2
		return c.server.h2.give(t), nil
	}
	return false, c.serveH2()
}

// serveH2 serves the connection to its end.
func (c *conn) serveH2() error {
	h := newH2(c)
	c.server.mu.Lock()
	c.h2 = h
	c.server.mu.Unlock()
	c.state.Store(busy) // Shutdown says goodbye
	if c.server.closing.Load() {
		return net.ErrClosed
	}
	h.serve()
	return net.ErrClosed
}

// explainPlain tells a viewer who speaks HTTP on a TLS port, as net/http does.
func (c *conn) explainPlain(err error) {
	var h tls.RecordHeaderError
	if !errors.As(err, &h) || h.Conn == nil || !looksLikeHTTP(h.RecordHeader) {
		c.server.logf("front: TLS handshake error from %s: %v", c.remote, err)
		return
	}
	io.WriteString(h.Conn, "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n")
}

func looksLikeHTTP(b [5]byte) bool {
	return slices.Contains([]string{"GET /", "HEAD ", "POST ", "PUT /", "OPTIO"}, string(b[:]))
}
