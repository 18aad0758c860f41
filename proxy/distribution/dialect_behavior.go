package distribution

import (
	"net/http"
	"slices"
	"time"

	"staleproof/cachepolicy"
)

// behavior reads one cache behavior. Its policies are names of managed ones, names
// given in the files, or written in place; or it has forwardedValues and bounds of
// its own, as before there were policies.
func (r *reader) behavior(n *node, d *Distribution, shelf *shelf, ours string, isDefault bool) Behavior {
	r.where[ours] = n
	b := Behavior{PathPattern: "*"}
	o := r.object(n)
	if !isDefault {
		b.PathPattern = ""
		o.text("pathPattern", &b.PathPattern)
	}
	if o.text("origin", &b.TargetOriginID); b.TargetOriginID == "" && len(d.Origins) == 1 {
		b.TargetOriginID = d.Origins[0].ID
	}
	if v := o.take("viewerProtocolPolicy"); v != nil {
		b.ViewerProtocol = oneOf(r, v, viewerProtocols)
	}
	r.methods(o.take("allowedMethods"), o.take("cachedMethods"), &b)
	o.flag("compress", &b.Compress)
	r.terms(o, n, shelf, ours, &b.Terms)
	if v := o.take("responseHeadersPolicy"); v != nil {
		b.ResponseHeaders = r.responseHeadersFor(v, shelf, ours+".responseHeadersPolicy")
	}
	o.close()
	return b
}

func (r *reader) terms(o *object, n *node, shelf *shelf, ours string, t *cachepolicy.Terms) {
	policy, request := o.take("policy"), o.take("originRequestPolicy")
	forwarded := o.take("forwardedValues")
	switch {
	case forwarded != nil:
		if policy != nil {
			r.refuse(forwarded, "InvalidArgument", "", "forwardedValues cannot be used when a cache policy is associated to the cache behavior") // [POL-11]
		}
		r.forwardedValues(o, forwarded, t)
	case policy == nil:
		r.refuse(n, "InvalidArgument", "policy: CachingOptimized", "neither policy nor forwardedValues") // [API-289]
	default:
		t.Policy = r.cachePolicyFor(policy, shelf, ours+".policy")
	}
	if request == nil {
		return
	}
	if policy == nil {
		r.refuse(request, "InvalidArgument", "give a policy, too", "an origin request policy needs a cache policy") // [POL-03]
		return
	}
	t.OriginRequest = r.originRequestFor(request, shelf, ours+".originRequestPolicy")
}

func (r *reader) forwardedValues(o *object, n *node, t *cachepolicy.Terms) {
	v := legacyValues{}
	in := r.object(n)
	in.flag("queryString", &v.query)
	in.names("queryStringCacheKeys", &v.keys)
	in.selection("headers", &v.headers)
	in.selection("cookies", &v.cookies)
	in.close()
	b := newBounds()
	b.read(r, o, "minTTL", "defaultTTL", "maxTTL")
	v.terms(t)
	b.into(&t.Policy)
}

// bounds are the bounds of a policy and which of them are given.
type bounds struct{ min, def, max time.Duration }

const notGiven = time.Duration(-1)

func newBounds() bounds { return bounds{0, notGiven, notGiven} }

func (b *bounds) read(r *reader, o *object, min, def, max string) {
	o.duration(min, &b.min)
	o.duration(def, &b.def)
	o.duration(max, &b.max)
}

// into fills in what is not given: 24 hours or MinTTL if that is more; 365 days or
// DefaultTTL if that is more. [TTL-24], [LEG-08]
func (b bounds) into(p *cachepolicy.Policy) {
	if b.def == notGiven {
		b.def = max(cachepolicy.DefaultTTL, b.min)
	}
	if b.max == notGiven {
		b.max = max(cachepolicy.MaxTTL, b.def)
	}
	p.MinTTL, p.DefaultTTL, p.MaxTTL = b.min, b.def, b.max
}

// allMethods is the largest set. [METH-01]
var allMethods = []string{
	http.MethodGet, http.MethodHead, http.MethodOptions,
	http.MethodPut, http.MethodPost, http.MethodPatch, http.MethodDelete,
}

// methods reads the allowed and the cached methods: lists, or "all".
func (r *reader) methods(allowed, cached *node, b *Behavior) {
	if allowed != nil {
		b.Methods = r.methodSet(allowed)
	}
	if cached == nil {
		return
	}
	switch set := r.methodSet(cached); {
	case set == AllMethods:
		r.refuse(cached, "InvalidArgument", "[GET, HEAD] or [GET, HEAD, OPTIONS]", "not a set of methods that can be cached") // [METH-06]
	case set == GetHeadOptions && b.Methods == GetHead:
		r.refuse(cached, "InvalidArgument", "allow OPTIONS, too", "OPTIONS is cached but not allowed") // [API-291]
	case set == GetHeadOptions:
		b.Terms.CachedOptions = true
	}
}

func (r *reader) methodSet(n *node) Methods {
	if n.kind == textKind && n.text == "all" {
		return AllMethods
	}
	var names []string
	if n.kind == listKind {
		names = r.names(n)
	}
	slices.Sort(names)
	for set, size := range []int{2, 3, len(allMethods)} {
		want := slices.Sorted(slices.Values(allMethods[:size]))
		if slices.Equal(names, want) {
			return Methods(set)
		}
	}
	r.refuse(n, "InvalidArgument", "[GET, HEAD], [GET, HEAD, OPTIONS] or all", "not one of the three sets of methods") // [METH-01]
	return GetHead
}
