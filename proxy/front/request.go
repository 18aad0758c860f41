package front

import (
	"crypto/tls"
	"net/http"
	"time"
)

// Hitter answers what can be answered at once from memory.
type Hitter interface {
	// Hit appends the response head for r to dst and returns it with the body to
	// send after it: the status line and the fields, each with its CRLF, but
	// neither a Connection line nor the empty line at the end; the server adds
	// those. The head must have the Content-Length of the body. The body is only
	// read, until it is sent; for HEAD none is sent, whatever is returned.
	//
	// ok is false when r cannot be answered at once; then the http.Handler has its
	// turn. Hit must neither keep r nor anything in it, whose memory is used again,
	// nor change r.Header. It is called by many goroutines.
	Hit(dst []byte, r *Request) (head, body []byte, ok bool)
}

// Finisher is a Hitter that wants to know what became of its answers. [LOG-20]
type Finisher interface {
	Hitter
	// Sent is called once after each answer of Hit, before the connection has ended,
	// with the Note that Hit left in the request, the bytes sent, head included, and
	// the error that cut the answer short, if any. Over HTTP/2 that may be in any
	// goroutine, and for two answers at once.
	Sent(note any, bytes int64, err error)
}

// HeaderTaker is what the server's own http.ResponseWriters are besides.
type HeaderTaker interface {
	// TakeHeader makes h what Header returns, in place of what it returned before
	// and of copying h there. The Handler gives h away: it may change it until
	// WriteHeader, and not keep it.
	TakeHeader(h http.Header)
}

// Answerer is what the server's own http.ResponseWriter for HTTP/1.1 is besides: it
// takes what a Hitter could have said, had it known.
type Answerer interface {
	// Room is memory for Answer's head, which is appended to it.
	Room() []byte
	// Answer sends a 200, head and body as [Hitter].Hit returns them, in the place of
	// Header, WriteHeader and Write. The body is only read, until the Handler returns.
	Answer(head, body []byte) error
}

// Request is a GET, HEAD or OPTIONS request of HTTP/1.1 or HTTP/2 without a body. Its
// strings are only valid during Hit.
type Request struct {
	Method     string      // GET, HEAD or OPTIONS
	RequestURI string      // the target as sent
	Path       string      // of RequestURI before the first "?", not decoded; begins with "/"
	RawQuery   string      // of RequestURI after it
	Host       string      // of the Host field, never empty
	Header     http.Header // canonical names, without Host; only to be read
	HeadBytes  int         // length of the request, which has no body; over HTTP/2 of names and values
	Proto      string      // "HTTP/2.0"; "": HTTP/1.1

	RemoteAddr string               // the viewer's address and port
	TLS        bool                 // came over TLS
	State      *tls.ConnectionState // of that; nil without
	Received   time.Time            // when the head was whole

	// Note is for the Hitter: what it puts here, Sent is given. A pointer costs no
	// allocation.
	Note any
}
