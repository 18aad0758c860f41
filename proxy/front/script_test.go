package front

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/textproto"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// hitFunc is a Hitter.
type hitFunc func(dst []byte, r *Request) (head, body []byte, ok bool)

func (f hitFunc) Hit(dst []byte, r *Request) (head, body []byte, ok bool) { return f(dst, r) }

// scripted is a connection whose viewer sends pieces and then leaves.
type scripted struct {
	name   string
	pieces [][]byte
	closed chan struct{}
	once   sync.Once

	mu  sync.Mutex
	out bytes.Buffer // guarded by mu
}

func newScripted(pieces ...[]byte) *scripted {
	return &scripted{
		name: fmt.Sprintf("192.0.2.1:%d", names.Add(1)), pieces: pieces, closed: make(chan struct{}),
	}
}

var names atomic.Int64

func (c *scripted) Read(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.pieces) > 0 && len(c.pieces[0]) == 0 {
		c.pieces = c.pieces[1:]
	}
	if len(c.pieces) == 0 {
		return 0, io.EOF
	}
	n := copy(p, c.pieces[0])
	c.pieces[0] = c.pieces[0][n:]
	return n, nil
}

func (c *scripted) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.out.Write(p)
}

func (c *scripted) output() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.out.String()
}

func (c *scripted) Close() error {
	c.once.Do(func() { close(c.closed) })
	return nil
}

func (c *scripted) LocalAddr() net.Addr                { return address("192.0.2.2:80") }
func (c *scripted) RemoteAddr() net.Addr               { return address(c.name) }
func (c *scripted) SetDeadline(t time.Time) error      { return nil }
func (c *scripted) SetReadDeadline(t time.Time) error  { return nil }
func (c *scripted) SetWriteDeadline(t time.Time) error { return nil }

type address string

func (a address) Network() string { return "tcp" }
func (a address) String() string  { return string(a) }

// channelListener accepts what it is sent.
type channelListener struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func newChannelListener() *channelListener {
	return &channelListener{conns: make(chan net.Conn), done: make(chan struct{})}
}

func (l *channelListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *channelListener) Close() error {
	l.once.Do(func() { close(l.done) })
	return nil
}

func (l *channelListener) Addr() net.Addr { return address("192.0.2.2:80") }

// seen is a request as a handler saw it.
type seen struct {
	Method, Host, URI, Path, RawPath, RawQuery, Proto, Body string
	Header                                                  http.Header
	Close                                                   bool
	Length                                                  int64
}

// witness writes down what handlers see, by connection.
type witness struct {
	mu       sync.Mutex
	requests map[string][]seen // guarded by mu
	offered  map[string][]seen // to the Hitter; guarded by mu
}

func newWitness() *witness {
	return &witness{requests: map[string][]seen{}, offered: map[string][]seen{}}
}

func (w *witness) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	s := seen{
		Method: r.Method, Host: r.Host, URI: r.RequestURI, Path: r.URL.Path, RawPath: r.URL.RawPath,
		RawQuery: r.URL.RawQuery, Proto: r.Proto, Body: fmt.Sprintf("%q %v", body, err),
		Header: maps.Clone(r.Header), Close: r.Close, Length: r.ContentLength,
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.requests[r.RemoteAddr] = append(w.requests[r.RemoteAddr], s)
	io.WriteString(rw, r.Method+" "+r.RequestURI)
}

func (w *witness) Hit(dst []byte, r *Request) (head, body []byte, ok bool) {
	s := seen{Method: r.Method, Host: r.Host, URI: r.RequestURI, Path: r.Path, RawQuery: r.RawQuery}
	s.Header = http.Header{}
	for name, values := range r.Header {
		for _, v := range values {
			textproto.MIMEHeader(s.Header).Add(string([]byte(name)), string([]byte(v)))
		}
	}
	s.Method, s.Host, s.URI = string([]byte(r.Method)), string([]byte(r.Host)), string([]byte(r.RequestURI))
	s.Path, s.RawQuery = string([]byte(r.Path)), string([]byte(r.RawQuery))
	w.mu.Lock()
	defer w.mu.Unlock()
	w.offered[r.RemoteAddr] = append(w.offered[r.RemoteAddr], s)
	return nil, nil, false
}

// take returns what was seen of a connection and forgets it.
func (w *witness) take(name string) (requests, offered []seen) {
	w.mu.Lock()
	defer w.mu.Unlock()
	requests, offered = w.requests[name], w.offered[name]
	delete(w.requests, name)
	delete(w.offered, name)
	return requests, offered
}

// serveOn runs a Server until the test ends.
func serveOn(t testing.TB, s *Server, l net.Listener) {
	t.Helper()
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
		if err := <-done; err != http.ErrServerClosed {
			t.Errorf("Serve returned %v", err)
		}
	})
}
