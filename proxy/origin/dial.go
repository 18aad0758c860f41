package origin

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
)

// dial opens a connection: as often and for as long each time as the origin's
// settings say [ORG-13]. A name that does not resolve and a certificate that does
// not fit are not tried again. Server is the TLS server name; empty: no TLS.
func (t *Transport) dial(ctx context.Context, address, server string) (net.Conn, error) {
	var last *Error
	for range t.origin.ConnectionAttempts {
		var c net.Conn
		if c, last = t.dialOnce(ctx, address, server); last == nil {
			return c, nil
		}
		if last.Phase == Resolve || last.Phase == Handshake && !last.Timeout || ctx.Err() != nil {
			break
		}
	}
	return nil, last
}

func (t *Transport) dialOnce(ctx context.Context, address, server string) (net.Conn, *Error) {
	ctx, cancel := context.WithTimeout(ctx, t.origin.ConnectionTimeout)
	defer cancel()
	dial := t.Dial
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	c, err := dial(ctx, "tcp", address)
	if err != nil {
		phase := Connect
		var dns *net.DNSError
		if errors.As(err, &dns) {
			phase = Resolve
		}
		return nil, t.fail(phase, err, timedOut(err) || errors.Is(ctx.Err(), context.DeadlineExceeded))
	}
	if server == "" {
		return c, nil
	}
	secure := tls.Client(c, t.tlsConfig(server))
	if err := secure.HandshakeContext(ctx); err != nil {
		c.Close()
		return nil, t.fail(Handshake, err, errors.Is(ctx.Err(), context.DeadlineExceeded))
	}
	return secure, nil
}

// tlsConfig verifies chains as usual, and that the certificate is for the origin's
// domain or for the server name, which is the forwarded Host if one is forwarded
// [ORG-07]. No client certificate is offered [ORG-10].
func (t *Transport) tlsConfig(server string) *tls.Config {
	return &tls.Config{
		ServerName: server,
		NextProtos: []string{"http/1.1"}, // [PROT-02]
		// Verification is done below, with two names instead of one.
		InsecureSkipVerify: true,
		VerifyConnection: func(s tls.ConnectionState) error {
			chain := x509.VerifyOptions{Roots: t.RootCAs, Intermediates: x509.NewCertPool()}
			for _, c := range s.PeerCertificates[1:] {
				chain.Intermediates.AddCert(c)
			}
			leaf := s.PeerCertificates[0]
			if _, err := leaf.Verify(chain); err != nil {
				return err
			}
			names := []string{t.origin.Domain, server, t.target.Hostname()}
			for _, name := range names {
				if name != "" && leaf.VerifyHostname(name) == nil {
					return nil
				}
			}
			return fmt.Errorf("the certificate is for none of %q", names)
		},
	}
}
