// Package fronttest sends a test's requests through a front, over pipes.
//
// Nothing waits for the network, so it works in a bubble of testing/synctest, where
// it ends with the test.
package fronttest

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"staleproof/proxy/front"
)

// RoundTripper is Way until the test ends, over HTTP/1.1.
func RoundTripper(t testing.TB, s *front.Server) http.RoundTripper {
	t.Helper()
	way, end := Way(s, false)
	t.Cleanup(end)
	return way
}

// Way serves s until end is called. The way sends requests to it as they are written,
// over HTTP/1.1, with TLS where the URL is https, and then over HTTP/2 if it is wanted.
func Way(s *front.Server, http2 bool) (way http.RoundTripper, end func()) {
	plain, secure := newListener(), newListener()
	var served sync.WaitGroup
	served.Go(func() { s.Serve(plain) })
	served.Go(func() { s.ServeTLS(secure, &tls.Config{Certificates: certificates()}) })
	from := map[string]*http.Transport{}
	tickets := tls.NewLRUClientSessionCache(0) // the second viewer need not wait for a signature
	return &sender{plain: plain, secure: secure, http2: http2, tickets: tickets, from: from}, func() {
		for _, tr := range from {
			tr.CloseIdleConnections()
		}
		s.Close()
		served.Wait()
	}
}

// sender sends what a test's request says, and nothing that it does not.
type sender struct {
	plain, secure *listener
	http2         bool
	tickets       tls.ClientSessionCache

	mu   sync.Mutex
	from map[string]*http.Transport // by the viewer's address; guarded by mu
}

func (s *sender) RoundTrip(r *http.Request) (*http.Response, error) {
	out := r.Clone(r.Context())
	path, _, _ := strings.Cut(r.RequestURI, "?")
	if strings.HasPrefix(path, "/") && !strings.HasPrefix(path, "//") {
		out.URL.Opaque = path // not written anew
	}
	out.RequestURI = ""
	if out.URL.Host == "" {
		out.URL.Host = r.Host
	}
	if r.TLS != nil {
		out.URL.Scheme = "https"
	}
	if _, ok := out.Header["User-Agent"]; !ok {
		if out.Header == nil {
			out.Header = http.Header{}
		}
		out.Header["User-Agent"] = []string{""}
	}
	res, err := s.transport(r.RemoteAddr).RoundTrip(out)
	if err != nil {
		return nil, err
	}
	if res.Request = r; res.Close {
		res.Header.Set("Connection", "close") // which the transport keeps for itself
	}
	return res, nil
}

// transport has the connections of one viewer.
func (s *sender) transport(viewer string) *http.Transport {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.from[viewer] == nil {
		config := &tls.Config{InsecureSkipVerify: true, ClientSessionCache: s.tickets}
		if s.http2 {
			config.NextProtos = []string{"h2"}
		}
		s.from[viewer] = &http.Transport{
			DisableCompression: true,
			ForceAttemptHTTP2:  s.http2,
			DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
				return s.plain.dial(ctx, viewer)
			},
			DialTLSContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
				c, err := s.secure.dial(ctx, viewer)
				if err != nil {
					return nil, err
				}
				return tls.Client(c, config), nil
			},
		}
	}
	return s.from[viewer]
}

// certificates are one that nobody trusts.
var certificates = sync.OnceValue(func() []tls.Certificate {
	s := httptest.NewUnstartedServer(nil)
	s.StartTLS()
	defer s.Close()
	return s.TLS.Certificates
})

// listener accepts pipes.
type listener struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func newListener() *listener {
	return &listener{conns: make(chan net.Conn), done: make(chan struct{})}
}

func (l *listener) dial(ctx context.Context, viewer string) (net.Conn, error) {
	near, far := net.Pipe()
	select {
	case l.conns <- ours{far, address(viewer)}:
		return near, nil
	case <-l.done:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l *listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *listener) Close() error {
	l.once.Do(func() { close(l.done) })
	return nil
}

func (l *listener) Addr() net.Addr { return address("192.0.2.2:80") }

// ours is the front's end of a pipe.
type ours struct {
	net.Conn
	viewer address
}

func (c ours) RemoteAddr() net.Addr { return c.viewer }

type address string

func (address) Network() string  { return "tcp" }
func (a address) String() string { return string(a) }
