package origin

import (
	"bufio"
	"net/http"
	"strings"
	"unsafe"
)

// inserted is the value of the Cache-Control that net/http puts into a response
// which has Pragma: no-cache and no Cache-Control. It is a constant of net/http, so
// it is told by where it lies from a value that came over the wire.
var inserted = func() *byte {
	res, err := http.ReadResponse(bufio.NewReader(strings.NewReader("HTTP/1.1 200 OK\r\nPragma: no-cache\r\nContent-Length: 0\r\n\r\n")), nil)
	if err != nil || len(res.Header["Cache-Control"]) == 0 {
		return nil // this net/http inserts nothing
	}
	return unsafe.StringData(res.Header["Cache-Control"][0])
}()

// asSent takes out of h what the origin did not send: to CloudFront a Pragma in a
// response means nothing. [TTL-23] Of a name with a space behind it net/http makes a
// field of its own; a length in it would go unseen. RFC 9112 §5.1, [ORG-23]
func asSent(h http.Header) error {
	for name := range h {
		if !token(name) {
			return errName
		}
	}
	if v := h["Cache-Control"]; len(v) == 1 && inserted != nil && unsafe.StringData(v[0]) == inserted {
		delete(h, "Cache-Control")
	}
	return nil
}
