package front

import (
	"io"
	"net/http"
	"strconv"
	"time"
)

// statusHeadTooLarge is what CloudFront and nginx answer when the fields of a
// request are too long. [LIM-04]
const statusHeadTooLarge = 494

// Fault is why a request was refused before it was understood. The connection is
// closed after the answer.
type Fault struct {
	Status     int    // 400, 414 [LIM-01], 494 [LIM-04], 501 or 505
	Reason     string // in lower case, for people
	RemoteAddr string // the viewer's address and port
	TLS        bool
}

func bad(reason string) *Fault { return &Fault{Status: http.StatusBadRequest, Reason: reason} }

// The faults a head can have.
var (
	faultLineEnd     = bad("a line does not end in CR LF")
	faultRequestLine = bad("malformed request line")
	faultMethod      = bad("malformed method")
	faultTarget      = bad("malformed request target")
	faultName        = bad("malformed field name")
	faultValue       = bad("control byte in a field value")
	faultNoHost      = bad("missing Host")
	faultHosts       = bad("more than one Host")
	faultHost        = bad("malformed Host")
	faultLength      = bad("malformed Content-Length")
	faultLengths     = bad("differing Content-Length")
	faultFraming     = bad("Transfer-Encoding beside Content-Length or in HTTP/1.0")
	faultCoding      = &Fault{Status: http.StatusNotImplemented, Reason: "unsupported Transfer-Encoding"}
	faultVersion     = &Fault{Status: http.StatusHTTPVersionNotSupported, Reason: "unsupported protocol version"}
	faultTarget414   = &Fault{Status: http.StatusRequestURITooLong, Reason: "the request line is too long"}
	faultTooLarge    = &Fault{Status: statusHeadTooLarge, Reason: "the request head is too large"}
)

// plainRefusal is the answer when the Server has no Refuse.
func plainRefusal(dst []byte, f Fault) (head, body []byte) {
	body = []byte(strconv.Itoa(f.Status) + " " + statusText(f.Status) + ": " + f.Reason + "\n")
	dst = appendStatusLine(dst, f.Status)
	dst = append(dst, "Content-Type: text/plain; charset=utf-8\r\nContent-Length: "...)
	dst = strconv.AppendInt(dst, int64(len(body)), 10)
	return append(dst, "\r\n"...), body
}

// refuse answers a malformed request. What the viewer still sends is thrown away
// for a moment, because closing a socket with unread bytes would take the answer
// back.
func (c *conn) refuse(f *Fault) {
	told := *f
	told.RemoteAddr, told.TLS = c.remote, c.tls != nil
	answer := c.server.Refuse
	if answer == nil {
		answer = plainRefusal
	}
	head, body := answer(nil, told)
	head = append(head, "Connection: close\r\n\r\n"...)
	if _, err := c.send(time.Now(), append(head, body...)); err == nil {
		c.linger()
	}
}

const (
	lingerTime  = 500 * time.Millisecond // as net/http
	lingerBytes = 256 << 10              // as net/http
)

// linger says that nothing more is sent, and reads and forgets for at most
// lingerTime and lingerBytes.
func (c *conn) linger() {
	if w, ok := c.rwc.(interface{ CloseWrite() error }); ok {
		if w.CloseWrite() != nil {
			return
		}
	}
	c.rwc.SetReadDeadline(time.Now().Add(lingerTime))
	io.CopyN(io.Discard, c.rwc, lingerBytes)
}

func statusText(status int) string {
	if status == statusHeadTooLarge {
		return "Request Header Or Cookie Too Large"
	}
	if text := http.StatusText(status); text != "" {
		return text
	}
	return "status code " + strconv.Itoa(status) // as net/http
}

// appendStatusLine appends "HTTP/1.1 200 OK" and CRLF.
func appendStatusLine(dst []byte, status int) []byte {
	dst = append(dst, "HTTP/1.1 "...)
	dst = strconv.AppendInt(dst, int64(status), 10)
	dst = append(dst, ' ')
	dst = append(dst, statusText(status)...)
	return append(dst, "\r\n"...)
}
