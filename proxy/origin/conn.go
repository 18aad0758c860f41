package origin

import (
	"errors"
	"net"
	"sync/atomic"
	"time"
)

// conn is a connection to an origin, TLS included. It tells the request that uses
// it when something arrives, and gives up writing to an origin that takes nothing.
type conn struct {
	net.Conn
	limit   time.Duration
	silence atomic.Pointer[silence] // of the request in progress
}

func (c *conn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if s := c.silence.Load(); s != nil && n > 0 {
		s.heard()
	}
	return n, err
}

func (c *conn) Write(p []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(c.limit)); err != nil {
		return 0, err
	}
	n, err := c.Conn.Write(p)
	if err != nil {
		err = &writeError{err}
	}
	return n, err
}

// writeError tells an error of writing from one of reading.
type writeError struct{ err error }

func (e *writeError) Error() string   { return e.err.Error() }
func (e *writeError) Unwrap() error   { return e.err }
func (e *writeError) Is(t error) bool { return t == ErrWrite }

// timedOut reports whether err is a timeout of the network.
func timedOut(err error) bool {
	var t interface{ Timeout() bool }
	return errors.As(err, &t) && t.Timeout()
}
