package origin

import (
	"io"
	"net"
	"syscall"
)

// socket is a link that is a TCP socket, without TLS. A request and the wait for its
// answer are one visit to the poller: by the time the request is written the answer
// cannot be there, so that nothing is read before the socket is readable. It is
// non-blocking, so its system calls return at once, and the scheduler need not be
// told about them.
type socket struct {
	onReady func(fd uintptr) bool // nil: the link is none

	// Of the request under way.
	head []byte // nil: it is sent
	done int    // bytes of head that were written, then bytes that were read
	err  error
}

func (l *link) openSocket() {
	if _, ok := l.conn.(*net.TCPConn); ok && l.raw != nil {
		l.onReady = l.ready
	}
}

func (l *link) isSocket() bool { return l.onReady != nil }

// askSocket is ask for a socket.
func (l *link) askSocket(head []byte) error {
	l.expect()
	l.head, l.done, l.err = head, 0, nil
	err := l.raw.Read(l.onReady)
	if l.err != nil {
		err = l.err
	}
	rest := l.head
	l.head = nil
	switch {
	case err != nil:
		return err
	case rest != nil: // it does not go out at once
		if err := l.send(rest[l.done:]); err != nil {
			return err
		}
		return l.fill()
	}
	l.from, l.to = 0, l.done
	return nil
}

// ready takes one step of a request; false: wait for the socket to become readable.
func (l *link) ready(fd uintptr) bool {
	if l.head != nil {
		return l.sendSocket(int(fd))
	}
	l.takeBuffer()
	n, err := rawCall(syscall.SYS_READ, int(fd), l.buf[:])
	switch {
	case err == syscall.EAGAIN:
		return false
	case err != 0:
		l.err = l.failed("read", err)
	case n == 0:
		l.err = io.EOF
	}
	l.done = n
	return true
}

func (l *link) sendSocket(fd int) (over bool) {
	if l.used {
		var unasked [1]byte
		if _, err := rawCall(syscall.SYS_READ, fd, unasked[:]); err != syscall.EAGAIN {
			l.err = errUnsound
			return true
		}
	}
	n, err := rawCall(syscall.SYS_WRITE, fd, l.head)
	switch {
	case err == 0:
		l.used = true
	case err != syscall.EAGAIN:
		l.err = &writeError{l.failed("write", err)}
		return true
	}
	if l.done = max(n, 0); l.done < len(l.head) {
		return true
	}
	l.head, l.done = nil, 0
	return false
}

// failed is the error of a system call, as the connection's own methods have it.
func (l *link) failed(call string, errno syscall.Errno) error {
	return &net.OpError{Op: call, Net: l.conn.LocalAddr().Network(), Source: l.conn.LocalAddr(), Addr: l.conn.RemoteAddr(), Err: errno}
}
