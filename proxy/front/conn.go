package front

import (
	"bytes"
	"crypto/tls"
	"net"
	"net/http"
	"runtime/debug"
	"sync/atomic"
	"syscall"
	"time"
)

// conn is a viewer's connection while it is ours. One goroutine serves it; others
// look at state only.
type conn struct {
	server *Server
	out    *wire
	rwc    net.Conn        // out, or TLS over it
	raw    syscall.RawConn // of the socket, if it can be waited for without a buffer
	tls    *tls.ConnectionState
	remote string
	state  atomic.Int32

	buf      []byte // nil while idle
	from, to int    // what is unread of buf
	looked   int    // of that, where no head ends
	onRead   func(fd uintptr) bool
	read     int // what onRead has read
	readErr  error
	one      [1]byte

	now     time.Time // of the last read
	armed   deadline
	armedAt time.Time
}

// States of a conn.
const (
	idle int32 = iota
	busy       // serves a request
	gone       // closed by Shutdown
)

// deadline says what the read deadline is for.
type deadline int

const (
	noDeadline deadline = iota
	idleDeadline
	headDeadline
)

// serve serves the connection to its end, or until net/http has it.
func (c *conn) serve() {
	defer c.server.forget(c)
	c.now = time.Now()
	handedOn := false
	defer func() {
		if p := recover(); p != nil && p != http.ErrAbortHandler {
			c.server.logf("front: panic serving %s: %v\n%s", c.remote, p, debug.Stack())
		}
		if !handedOn {
			c.dropBuffer()
			c.rwc.Close()
		}
	}()
	if h2, err := c.handshake(); err != nil || h2 {
		handedOn = h2
		return
	}
	for {
		n, fault := c.readHead()
		if fault != nil {
			c.refuse(fault)
			return
		}
		if n == 0 || !c.state.CompareAndSwap(idle, busy) {
			return
		}
		whose, again := c.serveHead(n)
		if whose == theirs {
			handedOn = c.handOn()
			return
		}
		if !again || c.enterIdle() {
			return
		}
	}
}

// enterIdle reports whether the server is being shut down. The state is set before
// closing is read, and Shutdown does it the other way round: one of the two sees
// the other.
func (c *conn) enterIdle() (stop bool) {
	c.state.Store(idle)
	return c.server.closing.Load()
}

// readHead waits until a whole head is at from and measures it; 0: there will be
// none.
func (c *conn) readHead() (int, *Fault) {
	for {
		if c.from < c.to {
			n, fault := c.measure()
			if n > 0 || fault != nil {
				return n, fault
			}
		}
		if !c.fill() {
			return 0, nil
		}
	}
}

var headEnd = []byte("\r\n\r\n")

// measure finds the end of the head at from; 0: not there yet. What can never
// become a head is a fault at once, so that nobody waits for the rest.
func (c *conn) measure() (int, *Fault) {
	b := c.buf[c.from:c.to]
	limit := c.server.maxHeaderBytes()
	start := max(0, c.looked-len(headEnd)+1)
	if i := bytes.Index(b[start:], headEnd); i >= 0 {
		c.looked = 0
		if n := start + i + len(headEnd); n <= limit {
			return n, nil
		}
		return 0, tooLarge(b[:limit])
	}
	if tokenClass[b[0]] == 0 {
		return 0, faultRequestLine
	}
	for i := c.looked; i < len(b); i++ {
		j := bytes.IndexByte(b[i:], '\n')
		if j < 0 {
			break
		}
		if i += j; i == 0 || b[i-1] != '\r' {
			return 0, faultLineEnd
		}
	}
	if c.looked = len(b); len(b) >= limit {
		return 0, tooLarge(b)
	}
	return 0, nil
}

// tooLarge tells a request line that is too long from too many fields. [LIM-01],
// [LIM-04]
func tooLarge(b []byte) *Fault {
	if bytes.IndexByte(b, '\n') < 0 {
		return faultTarget414
	}
	return faultTooLarge
}

// serveHead serves the request whose head has n bytes. again is false when the
// connection is to be closed.
func (c *conn) serveHead(n int) (whose turn, again bool) {
	s := scratches.Get().(*scratch)
	whose, fault := s.read(c.buf[c.from : c.from+n])
	switch {
	case fault != nil:
		s.release()
		c.refuse(fault)
		return ours, false
	case whose == theirs:
		s.release()
		return theirs, false
	}
	s.RemoteAddr, s.TLS, s.State, s.Received = c.remote, c.tls != nil, c.tls, c.now
	if c.server.Hitter != nil {
		if head, body, ok := c.server.Hitter.Hit(s.out[:0], &s.Request); ok {
			return ours, c.sendHit(s, n, head, body)
		}
	}
	return ours, c.handle(s, n)
}

// consume forgets the n bytes of a head. Unless the next one is there already, the
// buffer goes.
func (c *conn) consume(n int) {
	if c.from += n; c.from == c.to {
		c.dropBuffer()
	}
	if c.armed == headDeadline {
		c.armed = noDeadline
	}
}

// closing reports whether the answer to this request is the last one.
func (c *conn) closing(h *head) bool { return h.close || c.server.closing.Load() }
