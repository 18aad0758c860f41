package distribution

import (
	"slices"

	"staleproof/cachepolicy"
)

// policyDocuments are the roots under which the AWS command line prints policies:
// get-… and list-…. [CFG-03]
var policyDocuments = []string{
	"CachePolicy", "CachePolicyList",
	"OriginRequestPolicy", "OriginRequestPolicyList",
	"ResponseHeadersPolicy", "ResponseHeadersPolicyList",
}

// shelve puts the policies that root gives on the shelf, and reports whether that
// is all there is in it.
func (r *reader) shelve(root *node, shelf *shelf) bool {
	switch formatOf(root) {
	case amazonPolicy:
		for _, key := range policyDocuments {
			r.amazonPolicies(root.at(key), shelf)
		}
		return true
	case ours:
		r.policies(&object{r: r, n: root}, shelf)
		return len(root.fields) > 0 && !slices.ContainsFunc(root.fields, func(f field) bool { return !slices.Contains(policyKeys, f.key) })
	}
	return false
}

// amazonPolicies shelves one policy, or those of a list, where each is wrapped once
// more with its type. [API-49]
func (r *reader) amazonPolicies(n *node, shelf *shelf) {
	switch {
	case n == nil || n.kind != objectKind:
		return
	case n.at("Items") != nil || n.at("Quantity") != nil:
		for _, item := range r.items(n) {
			for _, key := range policyDocuments {
				r.amazonPolicies(item.at(key), shelf)
			}
		}
		return
	}
	o := r.object(n)
	var id string
	o.text("Id", &id)
	o.take("LastModifiedTime")
	if v := o.take("CachePolicyConfig"); v != nil {
		p := r.amazonCachePolicy(v)
		p.ID = id
		put(r, shelf.cache, id, p.Name, p, v)
	}
	if v := o.take("OriginRequestPolicyConfig"); v != nil {
		p := r.amazonOriginRequest(v)
		p.ID = id
		put(r, shelf.request, id, p.Name, p, v)
	}
	if v := o.take("ResponseHeadersPolicyConfig"); v != nil {
		p := r.amazonResponseHeaders(v)
		p.ID = id
		put(r, shelf.response, id, p.Name, p, v)
	}
	o.leave(nil)
}

// amazonCachePolicy is [CFG-100] to [CFG-104].
func (r *reader) amazonCachePolicy(n *node) (p cachepolicy.Policy) {
	o := r.object(n)
	o.text("Name", &p.Name)
	o.take("Comment")
	b := newBounds()
	b.read(r, o, "MinTTL", "DefaultTTL", "MaxTTL")
	b.into(&p)
	if v := o.take("ParametersInCacheKeyAndForwardedToOrigin"); v != nil {
		in := r.object(v)
		in.flag("EnableAcceptEncodingGzip", &p.Gzip)
		in.flag("EnableAcceptEncodingBrotli", &p.Brotli)
		r.amazonSelections(in, &p.Headers, &p.Cookies, &p.QueryStrings)
		in.leave(nil)
	}
	p.Headers.Names = canonical(p.Headers.Names)
	o.leave(nil)
	return p
}

// amazonSelections reads the three sections that policies share.
func (r *reader) amazonSelections(o *object, headers, cookies, queries *cachepolicy.Selection) {
	for _, s := range []struct {
		section, behavior, names string
		into                     *cachepolicy.Selection
	}{
		{"HeadersConfig", "HeaderBehavior", "Headers", headers},
		{"CookiesConfig", "CookieBehavior", "Cookies", cookies},
		{"QueryStringsConfig", "QueryStringBehavior", "QueryStrings", queries},
	} {
		if v := o.take(s.section); v != nil && s.into != nil {
			in := r.object(v)
			*s.into = r.amazonSelection(in, s.behavior, s.names)
			in.leave(nil)
		}
	}
}

// amazonOriginRequest is [CFG-105]; its headers have two more behaviors.
func (r *reader) amazonOriginRequest(n *node) (p cachepolicy.OriginRequestPolicy) {
	o := r.object(n)
	o.text("Name", &p.Name)
	o.take("Comment")
	if v := o.take("HeadersConfig"); v != nil {
		in := r.object(v)
		switch b := v.at("HeaderBehavior"); {
		case b != nil && b.text == "allViewer":
			p.Headers.Mode = cachepolicy.All
		case b != nil && b.text == "allViewerAndWhitelistCloudFront":
			p.Headers.Mode = cachepolicy.All
			p.CloudFrontHeaders = canonical(r.itemNames(in, "Headers"))
		default:
			p.Headers = r.amazonSelection(in, "HeaderBehavior", "Headers")
			p.Headers.Names = canonical(p.Headers.Names)
		}
	}
	r.amazonSelections(o, nil, &p.Cookies, &p.QueryStrings)
	o.leave(nil)
	return p
}
