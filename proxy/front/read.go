package front

import (
	"io"
	"time"
)

// fill reads more into the buffer and says whether the connection lives. With
// nothing unread it holds no buffer while it waits.
func (c *conn) fill() bool {
	c.makeRoom()
	if c.from < c.to {
		c.arm(headDeadline)
	} else {
		c.arm(idleDeadline)
	}
	n, err := 0, error(nil)
	if c.raw != nil {
		n, err = c.fillRaw()
	} else {
		n, err = c.fillPlain()
	}
	c.to += n
	c.now = time.Now()
	return n > 0 && (err == nil || err == io.EOF)
}

// fillPlain reads from what is no plain socket: the first byte into the
// connection itself, so that no buffer is held while it waits for that.
func (c *conn) fillPlain() (int, error) {
	if c.buf != nil {
		return c.rwc.Read(c.buf[c.to:])
	}
	n, err := c.rwc.Read(c.one[:])
	if n > 0 {
		c.takeBuffer()
		c.buf[0] = c.one[0]
	}
	return n, err
}

// arm sets the read deadline. That of a head is set once, at its first byte; that
// of an idle connection only if it is the slack old, which spares a system's worth
// of timers on a busy one and closes an idle one at most the slack early.
func (c *conn) arm(d deadline) {
	if d == c.armed && (d == headDeadline || c.now.Sub(c.armedAt) < slack(c.server.idleTimeout())) {
		return
	}
	wait := c.server.idleTimeout()
	if d == headDeadline {
		wait = c.server.readHeaderTimeout()
	}
	var at time.Time
	if wait > 0 {
		at = c.now.Add(wait)
	}
	c.rwc.SetReadDeadline(at)
	c.armed, c.armedAt = d, c.now
}

// makeRoom moves what is unread to the front of the buffer, and if it fills it
// takes one that holds the largest head.
func (c *conn) makeRoom() {
	if c.to < len(c.buf) || c.buf == nil {
		return
	}
	if c.from == 0 {
		c.growBuffer()
		return
	}
	c.to = copy(c.buf, c.buf[c.from:c.to])
	c.from = 0
}

func (c *conn) takeBuffer() { c.buf = smallBuffers.Get().(*[smallBytes]byte)[:] }

func (c *conn) growBuffer() {
	large := make([]byte, max(2*len(c.buf), c.server.maxHeaderBytes()))
	copy(large, c.buf[:c.to])
	to := c.to
	c.dropBuffer()
	c.buf, c.to = large, to
}

func (c *conn) dropBuffer() {
	if len(c.buf) == smallBytes {
		smallBuffers.Put((*[smallBytes]byte)(c.buf))
	}
	c.buf, c.from, c.to = nil, 0, 0
}
