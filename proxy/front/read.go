package front

import (
	"errors"
	"os"
	"time"
)

// deadline says what the read deadline is for.
type deadline int

const (
	noDeadline deadline = iota
	idleDeadline
	headDeadline
	doubtDeadline
)

// doubtTime is how soon a socket is read again that may have ended unnoticed, see
// [conn.ready]; it may become twice that.
const doubtTime = 250 * time.Millisecond

// await waits for bytes and does the next step with them. With nothing unread it
// holds no buffer meanwhile.
func (c *conn) await() verdict {
	c.makeRoom()
	if c.raw != nil {
		return c.awaitSocket()
	}
	c.armWait()
	n, err := c.read()
	if n == 0 && err != nil {
		return theEnd
	}
	c.to += n
	c.now = time.Now()
	return c.step()
}

// read reads from what is no plain socket: the first byte into the connection
// itself, so that no buffer is held while it waits for that.
func (c *conn) read() (int, error) {
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

// armWait sets the deadline for the wait that follows.
func (c *conn) armWait() {
	switch {
	case c.from < c.to:
		c.arm(headDeadline)
	case c.doubtful:
		c.arm(doubtDeadline)
	case c.armed != doubtDeadline: // else it will do for the moment
		c.arm(idleDeadline)
	}
}

// arm sets the read deadline, counted from the last read. That of a head is set
// once, at its first byte; the others only when they are the slack old, so that
// a busy connection sets few, and an idle one is closed at most the slack early.
func (c *conn) arm(d deadline) {
	wait := c.server.idleTimeout()
	switch {
	case d == headDeadline:
		wait = c.server.readHeaderTimeout()
	case d == doubtDeadline && (wait == 0 || wait > 2*doubtTime):
		wait = 2 * doubtTime
	}
	if d == c.armed && (d == headDeadline || c.now.Sub(c.armedAt) < slack(wait)) {
		return
	}
	var at time.Time
	if wait > 0 {
		at = c.now.Add(wait)
	}
	c.rwc.SetReadDeadline(at)
	c.armed, c.armedAt = d, c.now
}

// afterTimeout says what comes after a wait that failed.
func (c *conn) afterTimeout(err error) verdict {
	if c.armed != doubtDeadline || !errors.Is(err, os.ErrDeadlineExceeded) {
		return theEnd
	}
	c.doubtful, c.armed = false, noDeadline
	return more // this time for as long as a viewer may be idle
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
	to := copy(large, c.buf[:c.to])
	c.dropBuffer()
	c.buf, c.to = large, to
}

func (c *conn) dropBuffer() {
	if len(c.buf) == smallBytes {
		smallBuffers.Put((*[smallBytes]byte)(c.buf))
	}
	c.buf, c.from, c.to = nil, 0, 0
}
