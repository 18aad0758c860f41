package proxy

import (
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"staleproof/cachepolicy"
	"staleproof/proxy/distribution"
	"staleproof/proxy/front"
	"staleproof/proxy/store"
)

// Hit answers r from memory when that takes no more than a look: a whole fresh
// stored response, to a request without range or conditions, under a behavior that
// changes nothing on the way out. It decides with what the steps decide with, and
// leaves everything else to ServeHTTP. It allocates nothing, unless somebody
// listens.
//
// It makes Edge a [front.Hitter].
func (e *Edge) Hit(dst []byte, r *front.Request) (head, body []byte, ok bool) {
	req := cachepolicy.Request{Method: r.Method, Host: r.Host, Path: r.Path, RawQuery: r.RawQuery, Header: r.Header}
	d, rule := e.plainBehavior(&req, r.TLS)
	if rule == nil {
		return dst, nil, false
	}
	key := rule.Terms.AppendKey(dst, d.Domain, &req)
	stored := e.store.Look(key[len(dst):])
	if stored == nil || !stored.Plain {
		return dst, nil, false
	}
	now := e.config.Now()
	if e.invalidations.coverNow(stored, e.invalidations.mark(now)) {
		return dst, nil, false
	}
	plan := rule.Terms.Plan(&req, stored.Stored, now)
	if plan.Action != cachepolicy.Serve || plan.Why != cachepolicy.Fresh {
		return dst, nil, false
	}
	var id [cfIDBytes]byte
	var hop [2 * hopBytes]byte
	e.ids.fill(&id, &hop)
	head = append(dst, "HTTP/1.1 200 OK\r\nAge: "...)
	head = strconv.AppendInt(head, int64(plan.Age/time.Second), 10)
	head = append(append(head, "\r\n"...), stored.Head...)
	head = appendOwnFields(head, id[:], hop[:], e.config.POP, cachepolicy.Hit)
	e.tallies.of(d, rule).count(cachepolicy.Hit, plan.Why)
	if e.watched() {
		e.tellHit(r, d, rule, stored, plan, string(id[:]), now)
	}
	return head, stored.Body.Bytes(), true
}

// plainBehavior finds the behavior for req if nothing in them asks for one of the
// steps; else it is nil.
func (e *Edge) plainBehavior(req *cachepolicy.Request, secure bool) (*distribution.Distribution, *distribution.Behavior) {
	if req.Method != http.MethodGet && req.Method != http.MethodHead || len(req.Path)+1+len(req.RawQuery) > maxURLBytes {
		return nil, nil
	}
	ds := e.Distributions()
	d := distribution.Find(ds, req.Host)
	if d == nil && e.config.AnyHost && len(ds) > 0 {
		d = ds[0]
	}
	if d == nil || !d.Enabled || d.Emulation.Headers20480 || e.config.ViewerRequest != nil {
		return nil, nil
	}
	if req.Path == "/" && d.DefaultRootObject != "" {
		return nil, nil
	}
	rule := d.Behavior(req.Path)
	if rule.ResponseHeaders != nil || rule.ViewerProtocol != distribution.AllowAll && !secure || namesCloudFront(&rule.Terms) {
		return nil, nil
	}
	h := req.Header
	if h["Range"] != nil || h["If-None-Match"] != nil || h["If-Modified-Since"] != nil || h["Expect"] != nil || h["Via"] != nil {
		return nil, nil
	}
	return d, rule
}

// appendOwnFields appends what CloudFront says of itself, as addOwnHeaders does.
// [XC-19]
func appendOwnFields[S []byte | string](b []byte, id, hop S, pop string, result cachepolicy.Result) []byte {
	b = append(append(b, "Via: 1.1 "...), hop...)
	b = append(append(b, ".cloudfront.net (CloudFront)\r\nX-Amz-Cf-Id: "...), id...)
	b = append(append(b, "\r\nX-Amz-Cf-Pop: "...), pop...)
	b = append(append(b, "\r\nX-Cache: "...), result...)
	return append(b, " from cloudfront\r\n"...)
}

// hits are the events of hits that are on their way to their viewers.
var hits = sync.Pool{New: func() any { return new(Event) }}

// tellHit tells of a request answered by Hit, in strings of its own: r's memory is
// used again.
func (e *Edge) tellHit(r *front.Request, d *distribution.Distribution, rule *distribution.Behavior, stored *store.Response, plan cachepolicy.Plan, id string, now time.Time) {
	ev := hits.Get().(*Event)
	url := r.Host + r.RequestURI
	viewer, _, _ := strings.Cut(r.RemoteAddr, ":")
	if strings.HasPrefix(r.RemoteAddr, "[") {
		viewer, _, _ = strings.Cut(r.RemoteAddr[1:], "]")
	}
	*ev = Event{
		At: now, Kind: Arrived, Exchange: id, POP: e.config.POP, Distribution: d.ID, Behavior: rule.PathPattern, Viewer: strings.Clone(viewer),
		Method: http.MethodGet, URL: url, Protocol: "HTTP/1.1",
	}
	if r.Proto != "" {
		ev.Protocol = r.Proto
	}
	if r.Method == http.MethodHead {
		ev.Method = http.MethodHead
	}
	if v := r.Header["User-Agent"]; len(v) > 0 {
		ev.UserAgent = strings.Clone(v[0])
	}
	if v := r.Header["Referer"]; len(v) > 0 {
		ev.Referer = strings.Clone(v[0])
	}
	e.tell(*ev)
	ev.Kind, ev.Key, ev.Status, ev.Result, ev.Reason, ev.Age = Answered, stored.Stored.Key, stored.Stored.Status, cachepolicy.Hit, plan.Why, plan.Age
	if ev.Method == http.MethodGet {
		ev.Bytes = stored.Stored.BodyBytes
	}
	r.Note = &hitNote{e, ev, r.Received}
}

// hitNote remembers a hit until its last byte has gone.
type hitNote struct {
	edge  *Edge
	event *Event
	began time.Time
}

// Sent tells that the last byte of a hit has gone, or that the viewer has.
func (e *Edge) Sent(note any, _ int64, err error) { tellSent(note, err) }

func tellSent(note any, err error) {
	n, ok := note.(*hitNote)
	if !ok {
		return
	}
	n.event.At, n.event.Took = n.edge.config.Now(), time.Since(n.began)
	if err != nil {
		n.event.Response = n.event.Result // [LOG-02]
		n.event.Result, n.event.Detail, n.event.Detailed = cachepolicy.Error, err.Error(), brokenOff(err)
	}
	n.edge.tell(*n.event)
	hits.Put(n.event)
}

// Hit is Edge.Hit at the first edge location; whoever names another takes the
// longer way.
func (nw *Network) Hit(dst []byte, r *front.Request) (head, body []byte, ok bool) {
	if r.Header[POPHeader] != nil {
		return dst, nil, false
	}
	return nw.POPs[0].Hit(dst, r)
}

// Sent passes on what became of a hit.
func (nw *Network) Sent(note any, _ int64, err error) { tellSent(note, err) }

var (
	_ front.Finisher = (*Edge)(nil)
	_ front.Finisher = (*Network)(nil)
)
