package front

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"slices"
)

// handshake does TLS if the listener has it. It reports true when the viewer chose
// HTTP/2 and net/http has the connection.
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
	if state.NegotiatedProtocol == "h2" {
		return c.server.h2.give(t), nil
	}
	return false, nil
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
