package proxy

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"staleproof/cachepolicy"
)

// Span is a duration that is written as Go writes durations, "24h0m0s".
type Span time.Duration

// MarshalText writes s.
func (s Span) MarshalText() ([]byte, error) { return []byte(time.Duration(s).String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (s *Span) UnmarshalText(b []byte) error {
	d, err := time.ParseDuration(string(b))
	*s = Span(d)
	return err
}

// Explanation says what the edge would do with a request, and why, without doing
// it.
type Explanation struct {
	At                  time.Time `json:"at"`
	POP                 string    `json:"pop,omitempty"`
	Distribution        string    `json:"distribution,omitempty"` // id; "" when no distribution has the host name
	Behavior            string    `json:"behavior,omitempty"`     // path pattern
	Origin              string    `json:"origin,omitempty"`       // id of the origin or origin group
	CachePolicy         string    `json:"cachePolicy,omitempty"`
	OriginRequestPolicy string    `json:"originRequestPolicy,omitempty"`
	MinTTL              Span      `json:"minTTL"`
	DefaultTTL          Span      `json:"defaultTTL"`
	MaxTTL              Span      `json:"maxTTL"`

	Key     string    `json:"key,omitempty"`     // the cache key, one part a line
	LeftOut []LeftOut `json:"leftOut,omitempty"` // what the request has and the key has not

	Action string             `json:"action,omitempty"`
	Result cachepolicy.Result `json:"result,omitempty"` // what X-Cache would say; "" when it depends on the origin
	Reason cachepolicy.Reason `json:"reason"`
	Stored *StoredFacts       `json:"stored,omitempty"` // what is stored for the key; nil: nothing usable
	Asks   *OriginAsk         `json:"asks,omitempty"`   // what the origin would be sent; nil: it would not be asked
	Turn   string             `json:"turn,omitempty"`   // the one change that would turn the result
}

// LeftOut is one part of a request that is not in the cache key.
type LeftOut struct {
	Kind      string `json:"kind,omitempty"` // "query", "header", "cookie"
	Name      string `json:"name,omitempty"`
	Policy    string `json:"policy,omitempty"` // whose setting leaves it out
	Forwarded bool   `json:"forwarded"`        // the origin gets it all the same
}

// StoredFacts is what the edge knows of a stored response.
type StoredFacts struct {
	Status    int              `json:"status"`
	Bytes     int64            `json:"bytes"`
	Received  time.Time        `json:"received"`
	Age       Span             `json:"age"`
	Lifetime  Span             `json:"lifetime"`
	Remaining Span             `json:"remaining"` // negative: stale for so long
	Rule      cachepolicy.Rule `json:"rule"`
	Asked     Span             `json:"asked"` // what the origin asked for; 0: it was silent

	Compression cachepolicy.CompressionReason `json:"compression,omitempty"`
}

// OriginAsk is the head of the request that the origin would get.
type OriginAsk struct {
	URL    string      `json:"url,omitempty"`
	Header http.Header `json:"header"`
}

// Explain says what e would do with r now.
func (e *Edge) Explain(r *http.Request) Explanation {
	x := e.newExchange(r.Context(), r)
	ex := Explanation{At: x.now(), POP: e.config.POP}
	for _, step := range steps[:len(steps)-1] {
		if a := step(x); a != nil {
			ex.fill(x)
			ex.Action, ex.Result, ex.Reason = "answer itself", a.result, a.why
			ex.Turn = turnRefused(a.why)
			return ex
		}
	}
	ex.fill(x)
	x.key = string(x.rule.Terms.AppendKey(nil, x.dist.Domain, &x.req))
	ex.Key = x.key
	ex.LeftOut = x.leftOut()
	stored, _, covered := x.load()
	plan := x.plan(stored, covered)
	ex.Action, ex.Reason = plan.Action.String(), plan.Why
	if stored != nil {
		ex.Stored = factsOf(stored.Stored, ex.At)
	}
	switch plan.Action {
	case cachepolicy.Serve, cachepolicy.ServeThenRevalidate:
		ex.Result = cachepolicy.Hit
		if stored.Stored.Status >= 400 {
			ex.Result = cachepolicy.Error
		}
	default:
		ex.Asks = x.wouldAsk(plan)
	}
	ex.Turn = x.turn(plan, stored != nil, ex.LeftOut)
	return ex
}

func (ex *Explanation) fill(x *exchange) {
	if x.dist != nil {
		ex.Distribution = x.dist.ID
	}
	if x.rule != nil {
		p := &x.rule.Terms.Policy
		ex.Behavior, ex.Origin = x.rule.PathPattern, x.rule.TargetOriginID
		ex.CachePolicy, ex.OriginRequestPolicy = PolicyName(&x.rule.Terms), x.rule.Terms.OriginRequest.Name
		ex.MinTTL, ex.DefaultTTL, ex.MaxTTL = Span(p.MinTTL), Span(p.DefaultTTL), Span(p.MaxTTL)
	}
}

// PolicyName is what the cache policy of t is called.
func PolicyName(t *cachepolicy.Terms) string {
	switch {
	case t.Legacy:
		return "ForwardedValues"
	case t.Policy.Name == "":
		return "the behavior's own policy"
	}
	return t.Policy.Name
}

func factsOf(s *cachepolicy.Stored, now time.Time) *StoredFacts {
	return &StoredFacts{
		Status: s.Status, Bytes: s.BodyBytes, Received: s.Received, Age: Span(s.Age(now)),
		Lifetime: Span(s.Lifetime), Remaining: Span(s.Expires().Sub(now).Truncate(time.Second)), Rule: s.Rule, Asked: Span(s.Asked),
		Compression: s.Compression,
	}
}

// leftOut lists what the request has and the key has not, in a stable order.
func (x *exchange) leftOut() []LeftOut {
	t := &x.rule.Terms
	policy := PolicyName(t)
	fwd := t.Forward(&x.req)
	var out []LeftOut
	for param := range strings.SplitSeq(x.req.RawQuery, "&") {
		name, _, _ := strings.Cut(param, "=")
		if param != "" && !t.Policy.QueryStrings.Picks(name) {
			sent := slices.Contains(strings.Split(fwd.RawQuery, "&"), param)
			out = append(out, LeftOut{"query", name, policy, sent})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(x.req.Header)) {
		switch {
		case name == "Cookie":
			continue
		case name == "Accept-Encoding" && t.NormalisesEncoding() && !t.IgnoresEncoding, t.Policy.Headers.Picks(name):
			continue
		}
		_, sent := fwd.Header[name]
		out = append(out, LeftOut{"header", name, policy, sent && name != "User-Agent" || t.ForwardsHeader(name)})
	}
	for _, c := range x.in.Cookies() {
		if !t.Policy.Cookies.Picks(c.Name) {
			out = append(out, LeftOut{"cookie", c.Name, policy, t.OriginRequest.Cookies.Picks(c.Name)})
		}
	}
	return out
}

func (x *exchange) wouldAsk(plan cachepolicy.Plan) *OriginAsk {
	o, _ := x.target()
	req := x.originRequest(x.ctx, o, x.door(o, plan), plan)
	url := o.Path + x.req.Path
	if req.URL.RawQuery != "" {
		url += "?" + req.URL.RawQuery
	}
	return &OriginAsk{URL: url, Header: req.Header}
}

// turn is the one change that would turn the result.
func (x *exchange) turn(plan cachepolicy.Plan, stored bool, left []LeftOut) string {
	switch plan.Why {
	case cachepolicy.Fresh:
		if i := slices.IndexFunc(left, func(l LeftOut) bool { return l.Kind == "query" }); i >= 0 {
			return fmt.Sprintf("the parameter %q is not in the key of %s: another value makes a new object only under a cache policy that lists it, or when the version moves into the path",
				left[i].Name, left[i].Policy)
		}
		return "a miss: when its time is up, after an invalidation of " + string(x.rule.Terms.AppendURI(nil, &x.req)) + ", or under another path"
	case cachepolicy.MethodNotCached:
		return "only GET and HEAD, and OPTIONS where it is chosen, are ever cached"
	case cachepolicy.CachingDisabled:
		return "a hit needs a cache policy whose maximum TTL is above zero"
	case cachepolicy.NotReusable:
		return "a hit needs an origin that does not send no-store or private, or a minimum TTL above zero"
	case cachepolicy.VaryStar:
		return "a hit needs an origin that does not send Vary: *, or a minimum TTL above zero"
	case cachepolicy.ExpiredUnchecked:
		return "a RefreshHit needs an ETag or Last-Modified from the origin and a behavior that forwards no cookies; a hit needs a longer max-age"
	case cachepolicy.Expired:
		return "a hit needs a longer max-age or s-maxage from the origin, or a larger minimum TTL"
	case cachepolicy.NotStored, cachepolicy.Invalidated, cachepolicy.OnlyHeadStored:
		return "the next request with this key is a hit, if the origin's answer may be kept"
	}
	return ""
}

func turnRefused(why cachepolicy.Reason) string {
	switch why {
	case cachepolicy.UnknownHost:
		return "add the host name to the aliases of a distribution"
	case cachepolicy.MethodNotAllowed:
		return "allow the method in the cache behavior"
	case cachepolicy.HTTPSRequired:
		return "ask over HTTPS, or set viewerProtocolPolicy to allow-all"
	case cachepolicy.DistributionOff:
		return "enable the distribution"
	}
	return ""
}
