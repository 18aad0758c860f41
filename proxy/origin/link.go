package origin

import (
	"crypto/tls"
	"errors"
	"net"
	"sync"
	"syscall"
	"time"
)

// link is a connection to an origin that carries requests without a body, one at a
// time. Whoever has it from the pool has it alone.
type link struct {
	conn      net.Conn        // TLS included
	raw       syscall.RawConn // of the socket below; nil: there is none to be looked at
	server    string          // TLS server name; "": no TLS
	limit     time.Duration   // of silence
	used      bool            // it has carried a request
	idleSince time.Time

	buf      *[linkBytes]byte // nil while idle
	from, to int              // what is unread of buf

	abort func() // conn.Close, for a request whose context ends

	socket
}

// linkBytes holds the head of nearly every response, and all of a small one.
const linkBytes = 16 << 10

var linkBuffers = sync.Pool{New: func() any { return new([linkBytes]byte) }}

func newLink(c net.Conn, server string, limit time.Duration) *link {
	l := &link{conn: c, server: server, limit: limit}
	l.abort = func() { c.Close() }
	under := c
	t, secure := c.(*tls.Conn)
	if secure {
		under = t.NetConn()
	}
	if s, ok := under.(syscall.Conn); ok {
		l.raw, _ = s.SyscallConn()
	}
	if !secure {
		l.openSocket()
	}
	return l
}

// errUnsound is the error of an idle link that cannot carry a request. Nothing was
// sent.
var errUnsound = errors.New("the connection has ended")

// ask sends the head of a request and reads once of the answer.
func (l *link) ask(head []byte) error {
	if l.isSocket() {
		return l.askSocket(head)
	}
	if l.used && !l.sound() {
		return errUnsound
	}
	if err := l.send(head); err != nil {
		return err
	}
	return l.fill()
}

// sound reports whether an idle link can carry a request: the origin has neither
// closed it nor said anything unasked, which would be taken for the answer.
func (l *link) sound() bool { return (l.raw == nil || quiet(l.raw)) && (l.server == "" || l.drained()) }

// drained reports whether TLS holds nothing that was read together with the last
// answer: a deadline that is over keeps the socket from being read.
func (l *link) drained() bool {
	l.conn.SetReadDeadline(time.Unix(1, 0))
	var unasked [1]byte
	n, err := l.conn.Read(unasked[:])
	return n == 0 && timedOut(err)
}

// send writes the head of a request. The deadline is for the answer, too, unless
// writing took long.
func (l *link) send(head []byte) error {
	began := time.Now()
	l.conn.SetDeadline(began.Add(l.limit))
	if _, err := l.conn.Write(head); err != nil {
		return &writeError{err}
	}
	l.used = true
	if time.Since(began) > l.limit/1024 {
		l.expect()
	}
	return nil
}

// expect gives the origin its time to say something. What keeps the deadline from
// being set, the read that follows tells.
func (l *link) expect() { l.conn.SetReadDeadline(time.Now().Add(l.limit)) }

// fill reads once into an empty buffer.
func (l *link) fill() error {
	l.takeBuffer()
	n, err := l.conn.Read(l.buf[:])
	l.from, l.to = 0, n
	if n > 0 {
		return nil // an error comes again
	}
	return err
}

// unread is what was read and not used.
func (l *link) unread() []byte {
	if l.buf == nil {
		return nil
	}
	return l.buf[l.from:l.to]
}

// Read reads what is unread, and then from the origin.
func (l *link) Read(p []byte) (int, error) {
	if l.from < l.to {
		n := copy(p, l.unread())
		l.from += n
		return n, nil
	}
	l.expect()
	return l.conn.Read(p)
}

func (l *link) takeBuffer() {
	if l.buf == nil {
		l.buf = linkBuffers.Get().(*[linkBytes]byte)
	}
}

// dropBuffer gives the buffer back. Nobody may hold a piece of it.
func (l *link) dropBuffer() {
	if l.buf != nil {
		linkBuffers.Put(l.buf)
	}
	l.buf, l.from, l.to = nil, 0, 0
}
