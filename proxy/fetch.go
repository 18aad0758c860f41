package proxy

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"staleproof/cachepolicy"
	"staleproof/proxy/distribution"
	"staleproof/proxy/fault"
	"staleproof/proxy/origin"
)

// passedOn are the viewer's headers that ask for less than the whole response;
// on a miss the origin gets them. [COND-07], [RNG-02]
var passedOn = []string{"Range", "If-Range", "If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since"}

// ask sends the origin one request, and a second to the other one of a group when
// the first fails; with a regional edge cache, that does so. The response is nil if and only if the reply has an error.
func (x *exchange) ask(ctx context.Context, plan cachepolicy.Plan) (*http.Response, cachepolicy.Reply) {
	primary, group := x.target()
	res, reply := x.askOne(ctx, primary, plan)
	if group == nil || x.door(primary, plan).regional || !x.failsOver(group, reply) {
		return res, reply
	}
	discard(res)
	secondary := x.dist.Origin(group.Secondary)
	return x.askOne(ctx, secondary, plan)
}

// target is the origin of the behavior, or the primary of its group.
func (x *exchange) target() (*distribution.Origin, *distribution.OriginGroup) {
	if x.only != nil {
		return x.only, nil
	}
	id := x.rule.TargetOriginID
	if o := x.dist.Origin(id); o != nil {
		return o, nil
	}
	i := slices.IndexFunc(x.dist.OriginGroups, func(g distribution.OriginGroup) bool { return g.ID == id })
	g := &x.dist.OriginGroups[i] // the distribution was checked when it was read
	return x.dist.Origin(g.Primary), g
}

// failsOver reports whether the secondary is asked. [FAIL-03] to [FAIL-08]
func (x *exchange) failsOver(g *distribution.OriginGroup, reply cachepolicy.Reply) bool {
	switch x.req.Method {
	case http.MethodGet, http.MethodHead:
	case http.MethodOptions:
		if !x.rule.Terms.CachedOptions {
			return false
		}
	default:
		return false
	}
	status := reply.Status
	if reply.Err != nil && status == http.StatusBadGateway {
		status = http.StatusServiceUnavailable // a failed connection counts as 503 [ERR-31]
	}
	return slices.Contains(g.Statuses, status)
}

func (x *exchange) askOne(ctx context.Context, o *distribution.Origin, plan cachepolicy.Plan) (*http.Response, cachepolicy.Reply) {
	door := x.door(o, plan)
	req := x.originRequest(ctx, o, door, plan)
	door.requests.Add(1)
	asked := req.URL.EscapedPath()
	if req.URL.RawQuery != "" {
		asked += "?" + req.URL.RawQuery
	}
	x.emit(Event{Kind: Fetching, Origin: o.ID, OriginURL: asked, Reason: plan.Why})
	reply := cachepolicy.Reply{Requested: x.now()}
	began := time.Now()
	res, struck, err := x.send(door, o, req)
	reply.Received = x.now()
	if err == nil {
		if why := x.unfit(res); why != nil {
			res.Body.Close()
			err = &origin.Error{Origin: o.ID, Phase: origin.Head, Err: why}
		}
	}
	if err != nil {
		reply.Err, reply.Status = err, origin.Status(err)
		x.replied(door, Event{Kind: Replied, Origin: o.ID, Status: reply.Status, Detail: err.Error(), Fault: struck, Took: time.Since(began)}, err)
		return nil, reply
	}
	reply.Status, reply.Header = res.StatusCode, res.Header
	if res.Header["Date"] == nil { // RFC 9110 §6.6.1
		res.Header["Date"] = []string{reply.Received.UTC().Format(http.TimeFormat)}
	}
	if tier, ok := res.Body.(*viewerBody); ok && door.tier != nil && !tier.a.received.IsZero() {
		reply.Received = tier.a.received // one lifetime for all tiers [TIER-11]
		res.Header.Del("Age")
	}
	x.replied(door, Event{Kind: Replied, Origin: o.ID, Status: reply.Status, Fault: struck, Took: time.Since(began)}, nil)
	return res, reply
}

// send sends req through a door, and through the faults that are set on what is
// outside the network; it names those that struck.
func (x *exchange) send(door *originDoor, o *distribution.Origin, req *http.Request) (res *http.Response, struck string, err error) {
	if faults := x.edge.config.Faults; door.tier == nil && faults.Any() {
		return faults.RoundTrip(fault.Target{Distribution: x.dist.ID, Origin: o, Next: door}, req)
	}
	res, err = door.RoundTrip(req)
	return res, "", err
}

// replied counts and tells of what an origin said, or of its failure.
func (x *exchange) replied(door *originDoor, ev Event, err error) {
	if door.tier == nil {
		name := originName{distribution: x.dist.ID, origin: ev.Origin, status: ev.Status}
		if err != nil {
			name.failure = origin.AnswerTo(err).Detail
		}
		x.edge.tallies.asked(name, ev.Took)
	}
	x.emit(ev)
}

// door is how o is reached: what is found dynamic at request time, or writes, skips
// the regional edge cache. [TIER-03], [TIER-04]
func (x *exchange) door(o *distribution.Origin, plan cachepolicy.Plan) *originDoor {
	door := x.edge.door(o)
	if door.regional && (plan.Action == cachepolicy.Pass || x.req.Method == http.MethodOptions) {
		return door.tier.door(o)
	}
	return door
}

// originRequest is what the origin is sent. Its own path and headers are added by
// its door.
func (x *exchange) originRequest(ctx context.Context, o *distribution.Origin, door *originDoor, plan cachepolicy.Plan) *http.Request {
	fwd := x.rule.Terms.Forward(&x.req)
	h := fwd.Header
	if plan.Action == cachepolicy.Revalidate || plan.Why == cachepolicy.VaryStar || x.rule.Terms.CookiesForwarded() {
		for _, name := range passedOn {
			if name != "Range" || plan.Action == cachepolicy.Revalidate {
				h.Del(name)
			}
		}
	}
	if plan.Action == cachepolicy.Revalidate {
		for name, values := range plan.Stored.Conditions() {
			h[name] = values
		}
	}
	x.addHops(h)
	scheme := "http"
	if x.secure {
		scheme = "https"
	}
	path, err := url.PathUnescape(fwd.Path)
	if err != nil {
		path = fwd.Path
	}
	req := &http.Request{
		Method: fwd.Method,
		URL:    &url.URL{Scheme: scheme, Host: o.Domain, Path: path, RawPath: fwd.Path, RawQuery: fwd.RawQuery},
		Host:   fwd.Host,
		Header: h,
		Proto:  "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		RemoteAddr: x.in.RemoteAddr,
	}
	if req.Host == "" && !door.network {
		req.Host = o.Domain
	}
	if x.in.Body != nil && x.in.Body != http.NoBody && fwd.Method != http.MethodGet && fwd.Method != http.MethodHead {
		req.Body, req.ContentLength = x.in.Body, x.in.ContentLength
	}
	if door.tier != nil {
		inner := &innerRequest{dist: x.dist, rule: x.rule, id: x.id}
		if !door.regional { // an origin's own shield [TIER-08]
			inner.only = o
		}
		ctx = context.WithValue(ctx, innerKey{}, inner)
		req.Host = x.req.Host
	}
	return req.WithContext(ctx)
}

// addHops adds what tells the origin whom the request came through. [HDR-09] to
// [HDR-13]
func (x *exchange) addHops(h http.Header) {
	if x.inner { // the tier in front has
		for _, name := range [...]string{"X-Forwarded-For", "Via"} {
			if v, ok := x.in.Header[name]; ok {
				h[name] = v
			}
		}
	} else {
		own := []string{
			join(x.in.Header["X-Forwarded-For"], ",") + x.viewer(),
			join(x.in.Header["Via"], ", ") + x.version() + " " + x.hop + ".cloudfront.net (CloudFront)",
		}
		h["X-Forwarded-For"], h["Via"] = own[0:1:1], own[1:2:2]
	}
	h["X-Amz-Cf-Id"] = []string{x.id}
}

// version is that of the viewer's request. [XC-13]
func (x *exchange) version() string {
	if x.in.ProtoMajor == 1 && x.in.ProtoMinor == 1 {
		return "1.1"
	}
	return fmt.Sprintf("%d.%d", x.in.ProtoMajor, x.in.ProtoMinor)
}

// join puts a separator behind each value.
func join(values []string, separator string) string {
	var s string
	for _, v := range values {
		s += v + separator
	}
	return s
}
