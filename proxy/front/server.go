package front

import (
	"crypto/tls"
	"errors"
	"log"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Server serves viewers. Its fields must not be changed once it serves.
type Server struct {
	// Hitter is asked first; nil: nobody is. If it is a [Finisher], it is told how its
	// answers ended.
	Hitter Hitter

	// Handler answers what the Hitter does not, and all that net/http serves; nil:
	// 404.
	Handler http.Handler

	// Refuse makes the answer to a request that was refused: status line and fields
	// appended to dst, as in [Hitter], and the body. nil: a line of text.
	// With NetHTTP, net/http has its own. [ERR-11], [LIM-03]
	Refuse func(dst []byte, f Fault) (head, body []byte)

	// MaxHeaderBytes bounds the request line and the fields, up to and including the
	// empty line. Default 32,768. [LIM-04]
	MaxHeaderBytes int

	// ReadHeaderTimeout is how long a head may take from its first byte, a frame of
	// HTTP/2 that is no DATA, a header block with all its frames, and a TLS handshake. Default 10 s; negative: for ever. CloudFront does not document
	// its own.
	ReadHeaderTimeout time.Duration

	// IdleTimeout is how long a viewer may wait before the first byte of a request; over
	// HTTP/2, PING and SETTINGS are none. A connection may be closed up to a second
	// earlier. Default 60 s; negative: for
	// ever. CloudFront does not document its own.
	IdleTimeout time.Duration

	// BodyTimeout is how long a viewer may keep us waiting for the body of his request.
	// Bytes that come restore it, 2 ms each: who sends 500 bytes a second lasts for ever,
	// who trickles not much longer than who has stopped. Then his connection, or over
	// HTTP/2 his stream, ends without an answer. A DATA frame of HTTP/2 has this time to
	// become whole. Default 30 s; negative: for ever. CloudFront does not document its
	// own.
	BodyTimeout time.Duration

	// WriteTimeout is how long a viewer may accept less than 500 bytes a second while
	// there is something to send; it is noticed within twice that. Default 30 s;
	// negative: for ever. CloudFront does not document its own.
	WriteTimeout time.Duration

	// SayKeepAlive writes "Connection: keep-alive" on connections that go on, as
	// CloudFront does over HTTP/1.1. [ERR-07], [VPP-08] Default: nothing, as
	// net/http.
	SayKeepAlive bool

	// NetHTTP leaves every request, over HTTP/1 and HTTP/2, to net/http's own server,
	// and the Hitter is not asked: the same edge behind a front that is not ours.
	// What net/http refuses, it answers by itself, and over HTTP/2 it waits for ever for
	// a viewer who takes nothing. Default: false.
	NetHTTP bool

	// ErrorLog gets panics of handlers and failed handshakes; nil: the standard one.
	ErrorLog *log.Logger

	once     sync.Once
	finisher Finisher
	plain    other // HTTP/1 that is not ours
	h2       other // with NetHTTP
	closing  atomic.Bool

	mu        sync.Mutex
	listeners []net.Listener     // guarded by mu
	conns     map[*conn]struct{} // guarded by mu
	drained   chan struct{}      // closed when closing and conns is empty; guarded by mu
}

// Serve accepts viewers from l until Shutdown or Close, and then returns
// [http.ErrServerClosed]. Each connection has a goroutine, which ends with it.
func (s *Server) Serve(l net.Listener) error { return s.serve(l, nil) }

// ServeTLS is Serve for viewers who speak TLS. config has the certificates; where
// it names no protocols, HTTP/2 and HTTP/1.1 are offered.
func (s *Server) ServeTLS(l net.Listener, config *tls.Config) error {
	config = config.Clone()
	if config.NextProtos == nil {
		config.NextProtos = []string{"h2", "http/1.1"}
	}
	return s.serve(l, config)
}

func (s *Server) serve(l net.Listener, config *tls.Config) error {
	s.once.Do(func() { s.prepare(l.Addr()) })
	defer l.Close()
	if !s.track(l) {
		return http.ErrServerClosed
	}
	var wait time.Duration
	for {
		socket, err := l.Accept()
		if err == nil {
			wait = 0
			s.begin(socket, config)
			continue
		}
		if s.closing.Load() {
			return http.ErrServerClosed
		}
		var ne net.Error
		//lint:ignore SA1019 as net/http does: it tells when descriptors have run out
		if !errors.As(err, &ne) || !ne.Temporary() {
			return err
		}
		wait = min(max(2*wait, 5*time.Millisecond), time.Second)
		s.logf("front: accept error: %v; retrying in %v", err, wait)
		time.Sleep(wait)
	}
}

// prepare sets up the two servers of net/http, which wait for connections.
func (s *Server) prepare(addr net.Addr) {
	s.finisher, _ = s.Hitter.(Finisher)
	for _, o := range s.others() {
		o.http.Handler = s.sayKeepAlive(s.bounded(s.handler()))
		o.http.ReadHeaderTimeout = s.readHeaderTimeout()
		o.http.IdleTimeout = s.idleTimeout()
		o.http.ErrorLog = s.ErrorLog
		o.http.DisableGeneralOptionsHandler = true // OPTIONS * is the Handler's, as over HTTP/2
	}
	s.plain.http.MaxHeaderBytes = max(1, s.maxHeaderBytes()-http1Slop)
	s.h2.http.MaxHeaderBytes = s.maxHeaderBytes()
	s.plain.open(addr)
	s.h2.open(addr)
}

func (s *Server) handler() http.Handler {
	if s.Handler == nil {
		return http.NotFoundHandler()
	}
	return s.Handler
}

// track keeps l for Shutdown; false: it is too late.
func (s *Server) track(l net.Listener) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing.Load() {
		return false
	}
	s.listeners = append(s.listeners, l)
	return true
}

// begin serves a socket in a goroutine of its own.
func (s *Server) begin(socket net.Conn, config *tls.Config) {
	out := &wire{Conn: socket, patience: s.writeTimeout(), slack: slack(s.writeTimeout())}
	c := &conn{server: s, out: out, rwc: out, remote: socket.RemoteAddr().String()}
	if config != nil {
		c.rwc = tls.Server(out, config)
	} else {
		c.raw = rawConn(socket)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing.Load() {
		socket.Close()
		return
	}
	if s.conns == nil {
		s.conns = map[*conn]struct{}{}
	}
	s.conns[c] = struct{}{}
	go c.serve()
}

// forget drops a connection that is closed or net/http's.
func (s *Server) forget(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
	s.checkDrained()
}

// checkDrained is called with mu held.
func (s *Server) checkDrained() {
	if s.drained != nil && len(s.conns) == 0 {
		close(s.drained)
		s.drained = nil
	}
}

func (s *Server) logf(format string, args ...any) {
	if s.ErrorLog != nil {
		s.ErrorLog.Printf(format, args...)
	} else {
		log.Printf(format, args...)
	}
}
