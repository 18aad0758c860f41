//go:build !unix

package front

import (
	"net"
	"syscall"
)

func rawConn(net.Conn) syscall.RawConn { return nil }

func (c *conn) fillRaw() (int, error) { return c.fillPlain() }
