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

	"staleproof/proxy/stack"
)

// conn is a viewer's connection while it is ours. One goroutine serves it; others
// look at state only.
type conn struct {
	server *Server
	out    *wire
	rwc    net.Conn // out, or TLS over it
	tls    *tls.ConnectionState
	remote string
	state  atomic.Int32
	h2     *h2 // nil: HTTP/1.1; guarded by server.mu

	buf      []byte // nil while idle
	from, to int    // what is unread of buf
	looked   int    // of that, where no head ends
	one      [1]byte

	watching *watch // for a Handler's viewer; nil: there is none to be used again

	// What the last step left for serve.
	scratch *scratch // of a request for the Handler
	headLen int
	fault   *Fault

	now     time.Time // of the last read
	armed   deadline
	armedAt time.Time

	socket
}

// socket is a plain TCP or Unix socket, which can be waited for without a buffer;
// raw is nil for any other connection.
type socket struct {
	raw      syscall.RawConn
	onReady  func(fd uintptr) bool
	onSend   func(fd uintptr) // sends goes, of which it says how much went
	goes     []byte
	went     int
	fd       int     // while onReady runs; else -1
	next     verdict // of onReady
	greeted  bool    // something was read
	doubtful bool    // the end of the connection may have been overlooked
}

// States of a conn.
const (
	idle int32 = iota
	busy       // serves a request
	gone       // closed by Shutdown
)

// verdict is what comes next on a connection.
type verdict int

const (
	more   verdict = iota // bytes are needed
	again                 // it was served; look for the next request
	handle                // the Handler's turn
	handOn                // net/http's
	refuse                // malformed
	theEnd                // close
)

// serve serves the connection to its end, or until net/http has it.
func (c *conn) serve() {
	stack.Reserve4K() // what it takes to read a head
	defer c.server.forget(c)
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
	c.now, c.fd = time.Now(), -1
	if next := c.handshake(); next != goesOn {
		handedOn = next == isTheirs
		return
	}
	if c.server.NetHTTP {
		handedOn = c.handOn()
		return
	}
	for {
		next := c.step()
		for next == more {
			next = c.await()
		}
		switch next {
		case handle:
			if !c.handle(c.scratch, c.headLen) || c.enterIdle() {
				return
			}
			continue
		case handOn:
			handedOn = c.handOn()
		case refuse:
			c.refuse(c.fault)
		}
		return
	}
}

// enterIdle reports whether the server is being shut down. The state is set before
// closing is read, and Shutdown does it the other way round: one of the two sees
// the other.
func (c *conn) enterIdle() (stop bool) {
	c.state.Store(idle)
	return c.server.closing.Load()
}

// step serves the hits that are in the buffer, until something else is to be done.
func (c *conn) step() verdict {
	for c.from < c.to {
		s := scratches.Get().(*scratch)
		n, same := c.foresee(s), true
		if n == 0 {
			same = false
			if n, c.fault = c.measure(); n == 0 {
				s.release()
				if c.fault != nil {
					return refuse
				}
				return more
			}
		}
		if !c.state.CompareAndSwap(idle, busy) {
			s.release()
			return theEnd
		}
		if next := c.serveHead(s, n, same); next != again {
			return next
		}
		if c.enterIdle() {
			return theEnd
		}
	}
	return more
}

// serveHead serves the head of n bytes at from.
func (c *conn) serveHead(s *scratch, n int, same bool) verdict {
	whose, fault := s.read(c.buf[c.from:c.from+n], same)
	if fault != nil || whose == theirs {
		s.release()
		if c.fault = fault; fault != nil {
			return refuse
		}
		return handOn
	}
	s.RemoteAddr, s.TLS, s.State, s.Received = c.remote, c.tls != nil, c.tls, c.now
	if c.server.Hitter != nil {
		if head, body, ok := c.server.Hitter.Hit(s.out[:0], &s.Request); ok {
			return c.sendHit(s, n, head, body)
		}
	}
	c.scratch, c.headLen = s, n
	return handle
}

// foresee measures a head whose fields are those that s has read last; 0: it is
// not one, or not whole.
func (c *conn) foresee(s *scratch) int {
	b := c.buf[c.from:c.to]
	line := bytes.IndexByte(b, '\n') + 1
	n := line + len(s.raw) + len("\r\n")
	if line == 0 || !s.known || n > len(b) || n > c.server.maxHeaderBytes() ||
		b[n-2] != '\r' || b[n-1] != '\n' || !bytes.Equal(b[line:n-2], s.raw) {
		return 0
	}
	c.looked = 0
	return n
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
