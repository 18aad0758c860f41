package front

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

// handle gives the request to the Handler, and says whether the connection goes
// on. Unlike the Hitter's, this request is the Handler's to keep.
func (c *conn) handle(s *scratch, n int) (again bool) {
	r, err := copyRequest(s)
	if err != nil { // what net/url alone objects to
		s.release()
		c.refuse(faultTarget)
		return false
	}
	closing := c.closing(&s.head)
	s.release()
	c.consume(n)

	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	w := newResponse(c, cancel, r.Method == http.MethodHead, closing)
	leave := c.watch(cancel)
	whole := false
	defer func() {
		leave.end()
		c.now, c.armed = time.Now(), noDeadline
		if !whole {
			w.abort()
		}
	}()
	c.server.Handler.ServeHTTP(w, r.WithContext(ctx))
	whole = true
	return w.finish()
}

// copyRequest makes a request for net/http out of memory of its own.
func copyRequest(s *scratch) (*http.Request, error) {
	uri := string(s.line.target)
	u, err := url.ParseRequestURI(uri)
	if err != nil {
		return nil, err
	}
	var own fields
	if fault := own.read(s.raw); fault != nil {
		panic("front: fields that were read cannot be read again: " + fault.Reason)
	}
	return &http.Request{
		Method: s.Method, URL: u, RequestURI: uri,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: own.header, Host: own.host, Body: http.NoBody, Close: own.close,
		RemoteAddr: s.RemoteAddr, TLS: s.State,
	}, nil
}
