package front

import (
	"net"
	"net/http"
	"sync"
)

// handOn gives the connection to net/http for good, with all that was read of it.
// It reports false when net/http takes no more.
func (c *conn) handOn() bool {
	c.rwc.SetReadDeadline(noTime)
	c.armed = noDeadline
	switch {
	case c.server.NetHTTP:
		return c.server.plain.give(c.rwc)
	case c.tls != nil:
		return c.server.plain.give(&strictTLS{strict{Conn: c.rwc, c: c}, c.tls})
	}
	return c.server.plain.give(&strict{Conn: c.rwc, c: c})
}

// other is a net/http server that gets its connections from us.
type other struct {
	http  http.Server
	in    chan net.Conn
	stop  chan struct{} // closed when it takes no more
	once  sync.Once
	begun sync.Once
	run   sync.WaitGroup // its accept loop
	addr  net.Addr
}

// open makes it ready for connections.
func (o *other) open(addr net.Addr) {
	o.addr, o.in, o.stop = addr, make(chan net.Conn), make(chan struct{})
}

// give hands c over, unless it is too late. The first one starts the accept loop, which
// ends with Close: most servers never need it.
func (o *other) give(c net.Conn) bool {
	o.begun.Do(func() { o.run.Go(func() { o.http.Serve(o) }) })
	select {
	case o.in <- c:
		return true
	case <-o.stop:
		return false
	}
}

// Accept, Close and Addr make it the listener of its own server.
func (o *other) Accept() (net.Conn, error) {
	select {
	case c := <-o.in:
		return c, nil
	case <-o.stop:
		return nil, net.ErrClosed
	}
}

func (o *other) Close() error {
	o.once.Do(func() { close(o.stop) })
	return nil
}

func (o *other) Addr() net.Addr { return o.addr }

// sayKeepAlive is h, which also says that a connection goes on, as answers do that
// are not net/http's. On HTTP/1.0 net/http says so itself; where the connection does
// not go on, it says close instead.
func (s *Server) sayKeepAlive(h http.Handler) http.Handler {
	if !s.SayKeepAlive {
		return h
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor == 1 && r.ProtoMinor == 1 {
			w.Header()["Connection"] = keepAlive
		}
		h.ServeHTTP(w, r)
	})
}

var keepAlive = []string{"keep-alive"}
