package distribution

import "staleproof/cachepolicy"

// amazonBehavior reads a cache behavior. [CFG-80] to [CFG-89]
func (r *reader) amazonBehavior(n *node, d *Distribution, shelf *shelf, ours string) Behavior {
	r.renamed(n, ours, "origin TargetOriginId", "policy CachePolicyId", "originRequestPolicy OriginRequestPolicyId",
		"responseHeadersPolicy ResponseHeadersPolicyId", "forwardedValues ForwardedValues")
	var b Behavior
	o := r.object(n)
	o.text("PathPattern", &b.PathPattern)
	o.text("TargetOriginId", &b.TargetOriginID)
	if v := o.take("ViewerProtocolPolicy"); v != nil {
		b.ViewerProtocol = oneOf(r, v, viewerProtocols)
	}
	r.amazonMethods(o, &b)
	o.flag("Compress", &b.Compress)
	r.amazonTerms(o, n, shelf, ours, &b.Terms)
	if v := o.take("ResponseHeadersPolicyId"); v != nil && v.text != "" {
		b.ResponseHeaders = r.responseHeadersFor(v, shelf, ours+".responseHeadersPolicy")
	}
	o.leave(unemulatedBehavior)
	return b
}

// amazonMethods: CachedMethods stand within AllowedMethods. [CFG-81]
func (r *reader) amazonMethods(o *object, b *Behavior) {
	v := o.take("AllowedMethods")
	if v == nil {
		return // GET and HEAD [API-314]
	}
	list := func(n *node) *node {
		return &node{kind: listKind, file: n.file, line: n.line, path: n.path, items: r.items(n)}
	}
	var cached *node
	if c := v.at("CachedMethods"); c != nil && c.kind != nullKind {
		cached = list(c)
	}
	r.methods(list(v), cached, b)
}

// amazonTerms reads a policy's id or, without one, ForwardedValues and TTLs.
// [API-288], [API-289]
func (r *reader) amazonTerms(o *object, n *node, shelf *shelf, ours string, t *cachepolicy.Terms) {
	policy, request := o.take("CachePolicyId"), o.take("OriginRequestPolicyId")
	forwarded := o.take("ForwardedValues")
	if policy != nil && policy.text != "" {
		for _, legacy := range []string{"ForwardedValues", "MinTTL", "DefaultTTL", "MaxTTL"} {
			if v := o.take(legacy); v != nil { // [POL-11]
				r.refuse(v, "InvalidArgument", "", "the parameter %s cannot be used when a cache policy is associated to the cache behavior", legacy)
			}
		}
		t.Policy = r.cachePolicyFor(policy, shelf, ours+".policy")
		if request != nil && request.text != "" {
			t.OriginRequest = r.originRequestFor(request, shelf, ours+".originRequestPolicy")
		}
		return
	}
	if request != nil && request.text != "" { // [POL-03]
		r.refuse(request, "InvalidArgument", "", "an origin request policy needs a cache policy")
	}
	if forwarded == nil {
		r.refuse(n, "InvalidArgument", "", "neither CachePolicyId nor ForwardedValues")
		return
	}
	v := r.amazonForwarded(forwarded)
	b := newBounds()
	b.read(r, o, "MinTTL", "DefaultTTL", "MaxTTL")
	v.terms(t)
	b.into(&t.Policy)
}

// amazonForwarded is [CFG-84].
func (r *reader) amazonForwarded(n *node) (v legacyValues) {
	o := r.object(n)
	o.flag("QueryString", &v.query)
	v.keys = r.itemNames(o, "QueryStringCacheKeys")
	if v.headers.Names = r.itemNames(o, "Headers"); len(v.headers.Names) > 0 {
		v.headers.Mode = cachepolicy.Only
	}
	if c := o.take("Cookies"); c != nil {
		in := r.object(c)
		v.cookies = r.amazonSelection(in, "Forward", "WhitelistedNames")
		in.leave(nil)
	}
	o.leave(nil)
	return v
}

var unemulatedBehavior = map[string]string{
	"TrustedSigners":             "signed URLs and cookies are not checked",
	"TrustedKeyGroups":           "signed URLs and cookies are not checked",
	"SmoothStreaming":            "there is no Smooth Streaming",
	"FieldLevelEncryptionId":     "fields are not encrypted",
	"RealtimeLogConfigArn":       "there are no real-time logs",
	"GrpcConfig":                 "there is no gRPC",
	"LambdaFunctionAssociations": "Lambda@Edge functions are not run",
	"FunctionAssociations":       "CloudFront functions are not run",
}
