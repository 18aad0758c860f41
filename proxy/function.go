package proxy

import (
	"io"
	"net/http"
	"strings"

	"staleproof/cachepolicy"
	"staleproof/proxy/distribution"
)

// ViewerRequest is a viewer-request function: it may change the request, before
// the cache key is made of it, or answer itself by returning an answer. It runs
// for the cache behavior that was chosen before; that stays. [KEY-20]
type ViewerRequest func(b *distribution.Behavior, r *cachepolicy.Request) *Generated

// Generated is an answer that a function makes. It is never stored. [KEY-22]
type Generated struct {
	Status int // 0: 200
	Header http.Header
	Body   string
}

// runViewerRequest lets the viewer-request function have the request. [XC-10]
func (x *exchange) runViewerRequest() *answer {
	if x.edge.config.ViewerRequest == nil {
		return nil
	}
	x.req.Header = x.req.Header.Clone() // the viewer's own is never changed
	g := x.edge.config.ViewerRequest(x.rule, &x.req)
	if g == nil {
		return nil
	}
	if g.Status == 0 {
		g.Status = http.StatusOK
	}
	a := x.made(g.Status, "", g.Body)
	delete(a.header, "Content-Type")
	for name, values := range g.Header {
		a.header[http.CanonicalHeaderKey(name)] = values
	}
	if x.in.Method == http.MethodHead {
		a.body = io.NopCloser(strings.NewReader(""))
	}
	a.result, a.why = cachepolicy.FunctionGenerated, cachepolicy.FunctionAnswered
	return a
}
