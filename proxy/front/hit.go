package front

import (
	"net/http"
	"time"
)

// Lines the server ends a head with.
const (
	endSilent    = "\r\n" // HTTP/1.1 goes on by itself
	endKeepAlive = "Connection: keep-alive\r\n\r\n"
	endClose     = "Connection: close\r\n\r\n"
)

// sendHit sends what the Hitter gave. When the head is out, the request is
// forgotten: a viewer who reads a large body slowly holds neither buffer nor
// scratch.
func (c *conn) sendHit(s *scratch, n int, head, body []byte) verdict {
	end := endSilent
	if c.server.SayKeepAlive {
		end = endKeepAlive
	}
	closing := c.closing(&s.head)
	if closing {
		end = endClose
	}
	if s.Method == http.MethodHead {
		body = nil
	}
	joined := c.joined(body)
	s.out = append(append(head, end...), body[:joined]...)
	sent, err := c.sendFirst(s, body[joined:])
	rest := body[joined+max(0, sent-len(s.out)):]
	note := s.Note
	s.release()
	c.consume(n)
	if err == nil && len(rest) > 0 {
		var more int
		more, err = c.send(time.Now(), rest)
		sent += more
	}
	if f := c.server.finisher; f != nil {
		f.Sent(note, int64(sent), err)
	}
	if err != nil || closing {
		return theEnd
	}
	return again
}

// joined is how much of body is copied behind its head. Over TLS that is about a
// record; on a socket, what costs less to copy than to point at.
func (c *conn) joined(body []byte) int {
	switch {
	case c.fd < 0:
		return min(len(body), recordBytes)
	case len(body) <= joinBytes:
		return len(body)
	}
	return 0
}

// sendFirst sends s.out, and what of body goes at once in the same system call.
func (c *conn) sendFirst(s *scratch, body []byte) (n int, err error) {
	if c.fd >= 0 && len(body) > 0 {
		n = writeSocketBoth(c.fd, &s.vectors, s.out, body)
	}
	if n >= len(s.out) {
		return n, nil
	}
	m, err := c.send(c.now, s.out[n:])
	return n + m, err
}

// sendNow sends what a plain socket takes at once.
func (c *conn) sendNow(p []byte) int {
	switch {
	case c.fd >= 0:
		return writeSocket(c.fd, p)
	case c.raw == nil:
		return 0
	}
	if c.onSend == nil {
		c.onSend = func(fd uintptr) { c.went = writeSocket(int(fd), c.goes) }
	}
	c.goes, c.went = p, 0
	c.raw.Control(c.onSend) // fails when the connection is closed, as the write that follows
	c.goes = nil
	return c.went
}

// send sends p, over TLS if that is how the viewer came.
func (c *conn) send(now time.Time, p []byte) (n int, err error) {
	if c.tls != nil {
		return c.rwc.Write(p)
	}
	if n = c.sendNow(p); n == len(p) {
		return n, nil
	}
	m, err := c.out.writeAt(now, p[n:])
	return n + m, err
}
