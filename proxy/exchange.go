package proxy

import (
	"context"
	"net"
	"net/http"
	"strings"
	"time"

	"staleproof/cachepolicy"
	"staleproof/proxy/distribution"
	"staleproof/proxy/front"
)

// exchange is one viewer request on its way through the edge. What the viewer
// sent (in) is never changed.
type exchange struct {
	edge *Edge
	ctx  context.Context
	in   *http.Request
	id   string // X-Amz-Cf-Id
	hop  string // of Via

	req   cachepolicy.Request
	dist  *distribution.Distribution
	rule  *distribution.Behavior // the cache behavior that matched
	inner bool                   // a tier in front has done the viewer's part
	only  *distribution.Origin   // what this tier stands before; nil: whatever the behavior targets
	page  bool                   // fetches a custom error page

	socket   bool           // the viewer is on a socket, and his goroutine is the exchange's
	answerer front.Answerer // of that viewer; nil: he has none
	secure   bool           // the viewer came over HTTPS

	began time.Time // network time
	key   string
	seen  uint64 // edge.kept before the store was looked into
}

// innerRequest is what a tier in front hands to the one behind, in the context.
type innerRequest struct {
	dist *distribution.Distribution
	rule *distribution.Behavior
	id   string
	only *distribution.Origin
}

type innerKey struct{}

func (e *Edge) newExchange(ctx context.Context, r *http.Request) *exchange {
	x := &exchange{edge: e, ctx: ctx, in: r, began: time.Now(), secure: r.TLS != nil || r.URL.Scheme == "https"}
	x.req = cachepolicy.Request{
		Method: r.Method, Host: r.Host, Path: rawPath(r), RawQuery: r.URL.RawQuery, Header: r.Header,
	}
	if !r.ProtoAtLeast(1, 1) && r.Header["Accept-Encoding"] != nil { // [CMP-07]
		x.req.Header = r.Header.Clone()
		x.req.Header.Del("Accept-Encoding")
	}
	if x.req.Host == "" {
		x.req.Host = r.URL.Host
	}
	if tier, ok := ctx.Value(innerKey{}).(*innerRequest); ok {
		x.inner, x.dist, x.rule, x.id, x.only = true, tier.dist, tier.rule, tier.id, tier.only
		return x
	}
	x.id, x.hop = e.ids.both()
	return x
}

// rawPath is the path as it came over the wire, also in an absolute target. [KEY-07],
// RFC 9112 §3.2.2
func rawPath(r *http.Request) string {
	p, _, _ := strings.Cut(r.RequestURI, "?")
	if !strings.HasPrefix(p, "/") {
		_, p, _ = strings.Cut(p, "://")
		p = p[max(0, strings.IndexByte(p, '/')):]
	}
	if strings.HasPrefix(p, "/") {
		return p
	}
	if p := r.URL.EscapedPath(); p != "" {
		return p
	}
	return "/"
}

// viewer is the viewer's address without port.
func (x *exchange) viewer() string {
	host, _, err := net.SplitHostPort(x.in.RemoteAddr)
	if err != nil {
		return x.in.RemoteAddr
	}
	return host
}

func (x *exchange) now() time.Time { return x.edge.config.Now() }

// emit tells whoever listens. It costs nothing when nobody does.
func (x *exchange) emit(ev Event) {
	if x.edge.watched() {
		x.edge.tell(x.event(ev))
	}
}

// event is ev with what is known of the exchange.
func (x *exchange) event(ev Event) Event {
	ev.At, ev.Exchange, ev.POP = x.now(), x.id, x.edge.config.POP
	ev.Method, ev.Viewer, ev.Protocol, ev.Key = x.req.Method, x.viewer(), x.in.Proto, x.key
	ev.URL = x.req.Host + x.req.Path
	if x.req.RawQuery != "" {
		ev.URL += "?" + x.req.RawQuery
	}
	ev.UserAgent, ev.Referer = x.in.UserAgent(), x.in.Referer()
	if x.dist != nil {
		ev.Distribution = x.dist.ID
	}
	if x.rule != nil {
		ev.Behavior = x.rule.PathPattern
	}
	return ev
}
