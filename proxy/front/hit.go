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

// sendHit sends what the Hitter gave. A large body follows its head in a write of
// its own: by then the request is forgotten, and a viewer who reads slowly holds
// neither buffer nor scratch.
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
	first := min(len(body), joinBytes)
	s.out = append(append(head, end...), body[:first]...)
	sent, err := c.send(c.now, s.out)
	note := s.Note
	s.release()
	c.consume(n)
	if err == nil && first < len(body) {
		var more int
		more, err = c.send(time.Now(), body[first:])
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

// send sends p, over TLS if that is how the viewer came.
func (c *conn) send(now time.Time, p []byte) (n int, err error) {
	if c.tls != nil {
		return c.rwc.Write(p)
	}
	if c.fd >= 0 {
		if n = writeSocket(c.fd, p); n == len(p) {
			return n, nil
		}
	}
	m, err := c.out.writeAt(now, p[n:])
	return n + m, err
}
