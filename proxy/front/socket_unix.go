//go:build unix

package front

import (
	"net"
	"syscall"
	"time"
)

// rawConn is the socket of a plain TCP or Unix connection; nil: c is none.
func rawConn(c net.Conn) syscall.RawConn {
	var raw syscall.RawConn
	switch c := c.(type) {
	case *net.TCPConn:
		raw, _ = c.SyscallConn()
	case *net.UnixConn:
		raw, _ = c.SyscallConn()
	}
	return raw
}

// awaitSocket is await for a plain socket: it waits without a buffer, and serves
// hits without ever leaving the wait.
func (c *conn) awaitSocket() verdict {
	if c.onReady == nil {
		c.onReady = c.ready
	}
	c.armWait()
	c.next = more
	err := c.raw.Read(c.onReady)
	c.fd = -1
	if err != nil {
		return c.afterTimeout(err)
	}
	return c.next
}

// ready reads and steps; false: wait for the socket.
//
// A read that did not fill the buffer has emptied the socket, so there is no need
// for another that says so: whatever comes later wakes the wait up. What came
// together with the last bytes does not, and that can only be the end of the
// connection. A viewer who sends one request and hangs up at once is found by
// reading again after the first read; any other when the doubt's deadline is over.
func (c *conn) ready(fd uintptr) bool {
	c.fd = int(fd)
	for {
		if c.buf == nil {
			c.takeBuffer()
		}
		n, err := readSocket(c.fd, c.buf[c.to:])
		switch {
		case err == syscall.EAGAIN:
			if c.from == c.to {
				c.dropBuffer()
			}
			c.doubtful = false
			c.armWait()
			return false
		case n <= 0:
			c.next = theEnd
			return true
		}
		c.to += n
		c.now = time.Now()
		mayBeMore := c.to == len(c.buf) || !c.greeted
		c.greeted = true
		if c.next = c.step(); c.next != more {
			return true
		}
		c.makeRoom()
		if !mayBeMore {
			c.doubtful = true
			c.armWait()
			return false
		}
	}
}
