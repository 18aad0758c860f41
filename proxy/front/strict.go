package front

import (
	"bytes"
	"crypto/tls"
	"errors"
	"math"
	"net"
	"net/http"
	"strconv"
	"time"
)

// strict is a connection as net/http has it. It passes on the heads that we would take,
// and behind each no more than its body; at the first head that we would not take the
// viewer is answered, and nothing more goes either way. So what comes behind a body is
// read as strictly as what came before it: net/http would take a length beside chunks,
// or lines that end in LF alone, which is what requests are smuggled with. [ERR-18],
// RFC 9112 §11.2
type strict struct {
	net.Conn // the viewer's
	c        *conn

	sure     int    // bytes at c.from that may go on
	instead  []byte // goes on before them
	body     int64  // what is left of a body, or of a chunk and the line end behind it
	chunks   within
	trailers int  // bytes of them so far
	given    int  // bytes of the next head that have gone on already
	posted   bool // the last request was a POST
	ended    bool // nothing more goes on
	muted    bool // nothing more is sent
}

// within is where in a chunked body we are.
type within int

const (
	noChunks within = iota
	atSize
	inTrailers
)

// errEnded is one that net/http does not answer.
var errEnded = &net.OpError{Op: "read", Err: errors.New("the viewer was refused")}

// Read gives what may go on, and waits until something may. A single byte of a head may
// always: with it net/http looks, while a handler runs, whether the viewer is still
// there.
func (s *strict) Read(p []byte) (int, error) {
	c := s.c
	for {
		looks := len(p) == 1 && s.between() && s.given == 0
		switch {
		case len(s.instead) > 0:
			n := copy(p, s.instead)
			s.instead = s.instead[n:]
			return n, nil
		case s.sure > 0:
			n := copy(p, c.buf[c.from:c.from+s.sure])
			s.sure -= n
			s.skip(n)
			return n, nil
		case s.ended:
			return 0, errEnded
		case s.body > 0 && c.from == c.to:
			n, err := s.Conn.Read(p[:min(int64(len(p)), s.body)])
			s.body -= int64(n)
			return n, err
		case looks && c.from < c.to:
			p[0], s.given = c.buf[c.from], 1
			return 1, nil
		}
		if !looks && s.advance() {
			continue
		}
		if err := s.fill(); err != nil {
			return 0, err
		}
	}
}

// between reports whether a head comes next.
func (s *strict) between() bool { return s.body == 0 && s.chunks == noChunks }

// skip forgets n bytes.
func (s *strict) skip(n int) {
	if s.c.from += n; s.c.from == s.c.to {
		s.c.dropBuffer()
	}
}

// fill reads more. A head has its time from its first byte.
func (s *strict) fill() error {
	c := s.c
	if c.buf == nil {
		c.takeBuffer()
	}
	c.makeRoom()
	if s.between() && c.from < c.to {
		c.arm(headDeadline)
	}
	n, err := s.Conn.Read(c.buf[c.to:])
	if c.to += n; n > 0 {
		c.now = time.Now()
		return nil
	}
	if c.from == c.to {
		c.dropBuffer()
	}
	return err
}

// advance looks at what is there, and reports whether that was enough.
func (s *strict) advance() bool {
	b := s.c.buf[s.c.from:s.c.to]
	switch {
	case s.body > 0:
		s.sure = int(min(s.body, int64(len(b))))
		s.body -= int64(s.sure)
		return true
	case s.chunks != noChunks:
		return s.line(b)
	case len(b) == 0:
		return false
	case s.posted && (bytes.HasPrefix(b, crlf) || len(b) == 1 && b[0] == '\r'):
		if len(b) == 1 {
			return false
		}
		s.posted = false // behind a POST net/http lets it pass. RFC 9112 §2.2
		s.goOn(len(crlf))
		return true
	}
	return s.head()
}

// goOn lets n bytes go on, without those that have.
func (s *strict) goOn(n int) {
	given := s.given
	s.sure, s.given = n-given, 0
	s.skip(given)
}

// head looks at the next head, and at how its body ends.
func (s *strict) head() bool {
	c := s.c
	n, fault := c.measure()
	if n == 0 && fault == nil {
		return false
	}
	h := scratches.Get().(*scratch)
	defer h.release()
	if fault == nil {
		_, fault = h.read(c.buf[c.from:c.from+n], false)
	}
	if fault != nil {
		s.ended, s.muted = true, true
		c.refuse(fault)
		return true
	}
	c.armed = noDeadline
	if h.codings > 0 {
		s.chunks, s.trailers = atSize, 0
	} else if h.lengths > 0 {
		s.body, _ = strconv.ParseInt(h.length, 10, 64) // which was checked
	}
	s.posted = string(h.line.method) == http.MethodPost
	s.goOn(n)
	return true
}

// chunkLine is the longest line of a chunk's size that net/http takes.
const chunkLine = 4096

// line looks at the next line of a chunked body. Of one that cannot be read net/http has
// to see that, and nothing behind it. RFC 9112 §7.1
func (s *strict) line(b []byte) bool {
	n := bytes.IndexByte(b, '\n') + 1
	if n == 0 && len(b) <= chunkLine {
		return false
	}
	sound := n >= len(crlf) && n <= chunkLine && bytes.IndexByte(b, '\r') == n-len(crlf)
	if s.chunks == inTrailers {
		s.trailer(n, sound && (n == len(crlf) || isField(b[:n-len(crlf)])))
		return true
	}
	if n == 0 {
		n = len(b)
	}
	digits, _, _ := bytes.Cut(b[:max(0, n-len(crlf))], []byte(";"))
	size, err := strconv.ParseUint(alias(trim(digits)), 16, 64)
	switch {
	case !sound || err != nil:
		s.ended = true
	case size == 0:
		s.chunks = inTrailers
	default:
		s.body = int64(min(size, math.MaxInt64-uint64(len(crlf)))) + int64(len(crlf))
	}
	s.sure = n
	return true
}

// trailer leaves out a line of trailers: what they say is of no account, as over HTTP/2.
// The last one is empty. With one that cannot be read the body is not whole.
func (s *strict) trailer(n int, sound bool) {
	s.trailers += n
	switch {
	case !sound || s.trailers > s.c.server.maxHeaderBytes():
		s.ended = true
	case n == len(crlf):
		s.chunks, s.instead = noChunks, crlf
	}
	s.skip(n)
}

// isField reports whether line is a field.
func isField(line []byte) bool {
	colon, _ := readName(line)
	return colon > 0 && colon < len(line) && line[colon] == ':' && !hasControl(line[colon+1:])
}

// Write is that of the connection, until the viewer was refused.
func (s *strict) Write(p []byte) (int, error) {
	if s.muted {
		return len(p), nil
	}
	return s.Conn.Write(p)
}

// CloseWrite tells the viewer that nothing more comes.
func (s *strict) CloseWrite() error {
	if cw, ok := s.Conn.(interface{ CloseWrite() error }); ok {
		return cw.CloseWrite()
	}
	return errors.ErrUnsupported
}

// strictTLS shows net/http that the viewer came over TLS.
type strictTLS struct {
	strict
	state *tls.ConnectionState
}

func (c *strictTLS) ConnectionState() tls.ConnectionState { return *c.state }
