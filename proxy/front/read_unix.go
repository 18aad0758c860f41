//go:build unix

package front

import (
	"io"
	"net"
	"syscall"
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

// fillRaw waits for the socket and takes a buffer when there is something to read.
func (c *conn) fillRaw() (int, error) {
	if c.onRead == nil {
		c.onRead = c.readSocket
	}
	c.read, c.readErr = 0, nil
	if err := c.raw.Read(c.onRead); err != nil {
		return 0, err
	}
	return c.read, c.readErr
}

// readSocket reads what is there; false: nothing, wait for more.
func (c *conn) readSocket(fd uintptr) bool {
	if c.buf == nil {
		c.takeBuffer()
	}
	for {
		n, err := syscall.Read(int(fd), c.buf[c.to:])
		switch {
		case err == syscall.EINTR:
			continue
		case err == syscall.EAGAIN:
			if c.from == c.to {
				c.dropBuffer()
			}
			return false
		case err == nil && n == 0:
			err = io.EOF
		}
		c.read, c.readErr = max(n, 0), err
		return true
	}
}
