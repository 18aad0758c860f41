// Package origin reaches an origin and names what went wrong.
package origin

import (
	"cmp"
	"context"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"staleproof/proxy/distribution"
)

const (
	maxHeadBytes = 32768 // of a response [LIM-06]

	// maxConns is how many connections to one origin are open at once for requests
	// without a body, and as many again for the others; further requests wait for
	// one, see connectTime. Ours: CloudFront names no limit, file descriptors
	// are one.
	maxConns = 1024
	// maxIdleConns is how many of them are kept for the next request.
	maxIdleConns = 256
)

// Transport reaches one origin over HTTP/1.1 [PROT-02]. It follows no redirect
// [ORG-20], decodes nothing, and stores nothing. Its exported fields are set
// before the first request, if at all.
type Transport struct {
	// Dial opens connections; nil: the network.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// RootCAs are the authorities an origin's certificate may come from; nil: the
	// system's.
	RootCAs *x509.CertPool

	origin distribution.Origin
	target *url.URL // where it is really reached; empty: where its domain says
	http   http.Transport
	links  pool // for requests without a body; what is unusual is http's

	// What is the same in every request, see settleOwn.
	hosts    [2]string         // for http and https
	own      map[string]string // fields in the place of the viewer's
	ownNames []string          // of those that are written
	odd      bool              // one of them cannot be written as it is
}

// New is a transport for o. Zero settings of o count as CloudFront's defaults.
func New(o distribution.Origin) (*Transport, error) {
	target, err := url.Parse(o.URL)
	if err != nil {
		return nil, fmt.Errorf("url: %w", err)
	}
	if o.URL != "" && (target.Host == "" || target.Scheme != "http" && target.Scheme != "https") {
		return nil, fmt.Errorf("url %q is not http://host or https://host", o.URL)
	}
	o.Domain = cmp.Or(o.Domain, target.Hostname())
	o.ConnectionAttempts = cmp.Or(o.ConnectionAttempts, 3)
	o.ConnectionTimeout = cmp.Or(o.ConnectionTimeout, 10*time.Second)
	o.ReadTimeout = cmp.Or(o.ReadTimeout, 30*time.Second)
	o.KeepAlive = cmp.Or(o.KeepAlive, 5*time.Second)
	o.HTTPPort, o.HTTPSPort = cmp.Or(o.HTTPPort, 80), cmp.Or(o.HTTPSPort, 443)
	t := &Transport{origin: o, target: target, links: pool{keepAlive: o.KeepAlive, patience: connectTime(&o)}}
	t.links.open = t.openLink
	t.settleOwn()
	t.http = http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return t.dialGuarded(ctx, t.address("http"), "")
		},
		// The address that connections are pooled by names the server; see prepare.
		DialTLSContext: func(ctx context.Context, _, pool string) (net.Conn, error) {
			server, _, _ := net.SplitHostPort(pool)
			return t.dialGuarded(ctx, t.address("https"), server)
		},
		DisableCompression:     true,
		IdleConnTimeout:        o.KeepAlive, // [ORG-19]
		MaxConnsPerHost:        maxConns,
		MaxIdleConns:           maxIdleConns,
		MaxIdleConnsPerHost:    maxIdleConns,
		MaxResponseHeaderBytes: maxHeadBytes,
	}
	return t, nil
}

// connectTime is how long o is tried to be connected to, and so long a request waits
// for a connection to become free.
func connectTime(o *distribution.Origin) time.Duration {
	return time.Duration(o.ConnectionAttempts) * o.ConnectionTimeout
}

// CloseIdleConnections closes the connections that no request uses.
func (t *Transport) CloseIdleConnections() {
	t.links.closeIdle()
	t.http.CloseIdleConnections()
}

// openLink opens a connection for requests without a body.
func (t *Transport) openLink(ctx context.Context, server string) (*link, error) {
	address := t.address("http")
	if server != "" {
		address = t.address("https")
	}
	c, err := t.dial(ctx, address, server)
	if err != nil {
		return nil, err
	}
	return newLink(c, server, t.origin.ReadTimeout), nil
}

// dialGuarded opens a connection for net/http, which has no way to be told of
// silence.
func (t *Transport) dialGuarded(ctx context.Context, address, server string) (net.Conn, error) {
	c, err := t.dial(ctx, address, server)
	if err != nil {
		return nil, err
	}
	return &conn{Conn: c, limit: t.origin.ReadTimeout}, nil
}

// fail makes an error of t.
func (t *Transport) fail(p Phase, err error, timeout bool) *Error {
	return &Error{Origin: t.origin.ID, Phase: p, Timeout: timeout, Err: err}
}

// scheme is how the origin is reached for a viewer who came by the given one.
// [ORG-03], [ORG-04]
func (t *Transport) scheme(viewer string) string {
	switch {
	case t.target.Scheme != "":
		return t.target.Scheme
	case t.origin.Protocol == distribution.HTTPOnly:
		return "http"
	case t.origin.Protocol == distribution.HTTPSOnly, viewer == "https":
		return "https"
	}
	return "http"
}

// address is the host and port that is dialled.
func (t *Transport) address(scheme string) string {
	host, port := t.origin.Domain, t.origin.HTTPPort
	if scheme == "https" {
		port = t.origin.HTTPSPort
	}
	if t.target.Host != "" {
		if t.target.Port() != "" {
			return t.target.Host
		}
		host, port = t.target.Hostname(), 80
		if scheme == "https" {
			port = 443
		}
	}
	return net.JoinHostPort(host, strconv.Itoa(port))
}

// host is the Host header when none is forwarded: the origin's domain, and its port
// unless it is the scheme's own.
func (t *Transport) host(scheme string) string {
	_, port, _ := net.SplitHostPort(t.address(scheme))
	own := map[string]string{"http": "80", "https": "443"}[scheme]
	host := t.origin.Domain
	if t.target.Host != "" && t.target.Hostname() != host {
		port = own // the domain stands for an origin that is elsewhere
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if port != own {
		host += ":" + port
	}
	return host
}
