//go:build !unix

package front

import (
	"net"
	"syscall"
)

// rawConn is nil: every connection is read the plain way.
func rawConn(net.Conn) syscall.RawConn { return nil }

func (c *conn) awaitSocket() verdict { panic("front: no socket") }

func writeSocket(fd int, p []byte) int { return 0 }

type vectors struct{}

func writeSocketBoth(fd int, v *vectors, a, b []byte) int { return 0 }
