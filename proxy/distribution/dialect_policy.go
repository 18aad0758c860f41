package distribution

import (
	"reflect"

	"staleproof/cachepolicy"
)

// shelf holds the policies that the files give, by id and by name.
type shelf struct {
	cache    map[string]shelved[cachepolicy.Policy]
	request  map[string]shelved[cachepolicy.OriginRequestPolicy]
	response map[string]shelved[ResponseHeadersPolicy]
}

// shelved is a policy and where it is written.
type shelved[T any] struct {
	value T
	from  *node
}

func newShelf() *shelf {
	return &shelf{
		cache:    map[string]shelved[cachepolicy.Policy]{},
		request:  map[string]shelved[cachepolicy.OriginRequestPolicy]{},
		response: map[string]shelved[ResponseHeadersPolicy]{},
	}
}

// put shelves a policy under its id and its name. The same policy may come twice,
// in a list and alone.
func put[T any](r *reader, m map[string]shelved[T], id, name string, value T, from *node) {
	for _, k := range []string{id, name} {
		if k == "" {
			continue
		}
		if old, ok := m[k]; ok && !reflect.DeepEqual(old.value, value) {
			r.refuse(from, "", "", "there is another policy %q, at %s:%d", k, old.from.file, old.from.line)
			continue
		}
		m[k] = shelved[T]{value, from}
	}
}

// policyKeys are where a document of ours gives policies by name.
var policyKeys = []string{"cachePolicies", "originRequestPolicies", "responseHeadersPolicies"}

// policies shelves those of one document.
func (r *reader) policies(o *object, shelf *shelf) {
	if v := o.take("cachePolicies"); v != nil {
		for _, f := range r.object(v).n.fields {
			p := r.cachePolicy(f.value)
			p.Name = f.key
			put(r, shelf.cache, p.ID, p.Name, p, f.value)
		}
	}
	if v := o.take("originRequestPolicies"); v != nil {
		for _, f := range r.object(v).n.fields {
			p := r.originRequest(f.value)
			p.Name = f.key
			put(r, shelf.request, p.ID, p.Name, p, f.value)
		}
	}
	if v := o.take("responseHeadersPolicies"); v != nil {
		for _, f := range r.object(v).n.fields {
			p := r.responseHeaders(f.value)
			p.Name = f.key
			put(r, shelf.response, p.ID, p.Name, p, f.value)
		}
	}
}

// cachePolicy reads a policy written in place.
func (r *reader) cachePolicy(n *node) (p cachepolicy.Policy) {
	o := r.object(n)
	o.text("id", &p.ID)
	o.text("name", &p.Name)
	b := newBounds()
	b.read(r, o, "minTTL", "defaultTTL", "maxTTL")
	b.into(&p)
	o.selection("headers", &p.Headers)
	p.Headers.Names = canonical(p.Headers.Names)
	o.selection("cookies", &p.Cookies)
	o.selection("queryStrings", &p.QueryStrings)
	o.flag("gzip", &p.Gzip)
	o.flag("brotli", &p.Brotli)
	o.close()
	return p
}

func (r *reader) originRequest(n *node) (p cachepolicy.OriginRequestPolicy) {
	o := r.object(n)
	o.text("id", &p.ID)
	o.text("name", &p.Name)
	o.selection("headers", &p.Headers)
	p.Headers.Names = canonical(p.Headers.Names)
	o.names("cloudFrontHeaders", &p.CloudFrontHeaders)
	p.CloudFrontHeaders = canonical(p.CloudFrontHeaders)
	o.selection("cookies", &p.Cookies)
	o.selection("queryStrings", &p.QueryStrings)
	o.close()
	return p
}

// cachePolicyFor is the policy that a behavior names or writes in place.
func (r *reader) cachePolicyFor(n *node, shelf *shelf, ours string) cachepolicy.Policy {
	if n.kind == objectKind {
		return r.cachePolicy(n)
	}
	if p, ok := shelf.cache[n.text]; ok {
		r.where[ours] = p.from
		return p.value
	}
	p, ok := cachepolicy.ManagedPolicy(n.text)
	if !ok {
		r.refuse(n, "NoSuchCachePolicy", "a managed policy like CachingOptimized, or one given under cachePolicies or in a further file with the output of get-cache-policy", "no cache policy %q", n.text)
	}
	return p
}

func (r *reader) originRequestFor(n *node, shelf *shelf, ours string) cachepolicy.OriginRequestPolicy {
	if n.kind == objectKind {
		return r.originRequest(n)
	}
	if p, ok := shelf.request[n.text]; ok {
		r.where[ours] = p.from
		return p.value
	}
	p, ok := cachepolicy.ManagedOriginRequestPolicy(n.text)
	if !ok {
		r.refuse(n, "NoSuchOriginRequestPolicy", "a managed policy like AllViewer, or one given under originRequestPolicies or in a further file with the output of get-origin-request-policy", "no origin request policy %q", n.text)
	}
	return p
}

func (r *reader) responseHeadersFor(n *node, shelf *shelf, ours string) *ResponseHeadersPolicy {
	if n.kind == objectKind {
		p := r.responseHeaders(n)
		return &p
	}
	if p, ok := shelf.response[n.text]; ok {
		r.where[ours] = p.from
		return &p.value
	}
	p, ok := ManagedResponseHeadersPolicy(n.text)
	if !ok {
		r.refuse(n, "NoSuchResponseHeadersPolicy", "a managed policy like SimpleCORS, or one given under responseHeadersPolicies or in a further file with the output of get-response-headers-policy", "no response headers policy %q", n.text)
		return nil
	}
	return &p
}
