package front

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"slices"
)

// handshake does TLS if the listener has it, and serves a viewer who chose HTTP/2 to
// the end, or gives him to net/http.
func (c *conn) handshake() outcome {
	t, ok := c.rwc.(*tls.Conn)
	if !ok {
		return goesOn
	}
	c.arm(headDeadline)
	if err := t.HandshakeContext(context.Background()); err != nil {
		c.explainPlain(err)
		return isOver
	}
	c.rwc.SetReadDeadline(noTime)
	c.armed = noDeadline
	state := t.ConnectionState()
	c.tls = &state
	switch {
	case state.NegotiatedProtocol != "h2":
		return goesOn
	case c.server.NetHTTP:
		if c.server.h2.give(t) {
			return isTheirs
		}
		return isOver
	}
	c.serveH2()
	return isOver
}

// outcome is what becomes of a connection after its handshake.
type outcome int

const (
	goesOn   outcome = iota // with HTTP/1
	isOver                  // to be closed
	isTheirs                // net/http's
)

// serveH2 serves the connection to its end.
func (c *conn) serveH2() {
	h := newH2(c)
	c.server.mu.Lock()
	c.h2 = h
	c.server.mu.Unlock()
	c.state.Store(busy) // Shutdown says goodbye
	if !c.server.closing.Load() {
		h.serve()
	}
}

// strongEnough reports whether HTTP/2 may be spoken over the connection's cipher: of
// those before TLS 1.3 it forbids all but these. RFC 9113 §9.2.2
func (c *conn) strongEnough() bool {
	if c.tls.Version != tls.VersionTLS12 {
		return true
	}
	switch c.tls.CipherSuite {
	case tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
		tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256:
		return true
	}
	return false
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
