package front

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"staleproof/proxy/ending"
	"staleproof/proxy/stack"
)

// handle gives the request to the Handler, and says whether the connection goes
// on. Unlike the Hitter's, this request is the Handler's to keep.
func (c *conn) handle(s *scratch, n int) (again bool) {
	stack.Reserve16K() // a miss takes more than 4 KiB, and more than 8 where it opens a connection to the origin
	life := new(ending.Context)
	defer life.End(nil)
	r, fault := copyRequest(life, s)
	closing := c.closing(&s.head)
	s.release()
	c.consume(n)
	if fault != nil {
		c.refuse(fault)
		return false
	}
	w := newResponse(c, life, r.Method == http.MethodHead, closing)
	leaves := c.watch(life)
	returned := false
	defer func() {
		leaves.end()
		c.now, c.armed = time.Now(), noDeadline
		if !returned {
			w.abort()
		}
	}()
	c.server.handler().ServeHTTP(w, r)
	returned = true
	return w.finish()
}

var blank http.Request

// copyRequest makes a request for net/http out of memory of its own.
func copyRequest(ctx context.Context, s *scratch) (*http.Request, *Fault) {
	uri := string(s.line.target)
	u, err := url.ParseRequestURI(uri)
	if err != nil {
		return nil, faultTarget
	}
	var own fields
	if fault := own.read(s.raw); fault != nil {
		return nil, fault
	}
	r := blank.WithContext(ctx)
	r.Method, r.URL, r.RequestURI = s.Method, u, uri
	r.Proto, r.ProtoMajor, r.ProtoMinor = "HTTP/1.1", 1, 1
	r.Header, r.Host, r.Body, r.Close = own.header, own.host, http.NoBody, own.close
	r.RemoteAddr, r.TLS = s.RemoteAddr, s.State
	return r, nil
}
