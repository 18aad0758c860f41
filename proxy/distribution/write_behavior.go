package distribution

import (
	"reflect"

	"staleproof/cachepolicy"
)

func writeBehavior(b *Behavior) section {
	s := section{{"pathPattern", b.PathPattern}, {"origin", b.TargetOriginID}}
	s.add("viewerProtocolPolicy", wordFor(b.ViewerProtocol, viewerProtocols), wordFor(AllowAll, viewerProtocols))
	switch b.Methods {
	case GetHeadOptions:
		s.list("allowedMethods", allMethods[:3])
	case AllMethods:
		s.add("allowedMethods", "all", nil)
	}
	if b.Terms.CachedOptions {
		s.list("cachedMethods", allMethods[:3])
	}
	s.add("compress", b.Compress, false)
	if b.Terms.Legacy {
		writeLegacy(&s, &b.Terms)
	} else {
		writePolicy(&s, &b.Terms.Policy)
		writeOriginRequest(&s, &b.Terms.OriginRequest)
	}
	if b.ResponseHeaders != nil {
		writeResponseHeaders(&s, b.ResponseHeaders)
	}
	return s
}

// bounds writes all three, since each has an influence on what the others are by
// default.
func (s *section) bounds(p *cachepolicy.Policy) {
	s.duration("minTTL", p.MinTTL, notGiven)
	s.duration("defaultTTL", p.DefaultTTL, notGiven)
	s.duration("maxTTL", p.MaxTTL, notGiven)
}

func writePolicy(s *section, p *cachepolicy.Policy) {
	if m, ok := cachepolicy.ManagedPolicy(p.ID); ok && reflect.DeepEqual(m, *p) {
		s.add("policy", p.Name, nil)
		return
	}
	var in section
	in.add("id", p.ID, "")
	in.add("name", p.Name, "")
	in.bounds(p)
	in.selection("headers", p.Headers)
	in.selection("cookies", p.Cookies)
	in.selection("queryStrings", p.QueryStrings)
	in.add("gzip", p.Gzip, false)
	in.add("brotli", p.Brotli, false)
	s.sub("policy", in)
}

func writeOriginRequest(s *section, p *cachepolicy.OriginRequestPolicy) {
	if m, ok := cachepolicy.ManagedOriginRequestPolicy(p.ID); ok && reflect.DeepEqual(m, *p) {
		s.add("originRequestPolicy", p.Name, nil)
		return
	}
	var in section
	in.add("id", p.ID, "")
	in.add("name", p.Name, "")
	in.selection("headers", p.Headers)
	in.list("cloudFrontHeaders", p.CloudFrontHeaders)
	in.selection("cookies", p.Cookies)
	in.selection("queryStrings", p.QueryStrings)
	s.sub("originRequestPolicy", in)
}

func writeLegacy(s *section, t *cachepolicy.Terms) {
	p := &t.Policy
	in := section{{"queryString", p.QueryStrings.Mode != cachepolicy.None}}
	if p.QueryStrings.Mode == cachepolicy.Only {
		in.list("queryStringCacheKeys", p.QueryStrings.Names)
	}
	in.selection("headers", p.Headers)
	in.selection("cookies", p.Cookies)
	s.sub("forwardedValues", in)
	s.bounds(p)
}

func writeResponseHeaders(s *section, p *ResponseHeadersPolicy) {
	if m, ok := ManagedResponseHeadersPolicy(p.ID); ok && reflect.DeepEqual(m, *p) {
		s.add("responseHeadersPolicy", p.Name, nil)
		return
	}
	var in, set section
	in.add("id", p.ID, "")
	in.add("name", p.Name, "")
	in.list("remove", p.Remove)
	for _, h := range p.Set {
		v := section{{"value", h.Value}}
		v.add("override", h.Override, false)
		set = append(set, entry{h.Name, v})
	}
	in.sub("set", set)
	if c := p.CORS; c != nil {
		var cors section
		cors.list("allowOrigins", c.AllowOrigins)
		cors.list("allowHeaders", c.AllowHeaders)
		cors.list("allowMethods", c.AllowMethods)
		cors.list("exposeHeaders", c.ExposeHeaders)
		cors.add("credentials", c.Credentials, false)
		cors.duration("maxAge", c.MaxAge, 0)
		cors.add("override", c.Override, false)
		in.sub("cors", cors)
	}
	s.add("responseHeadersPolicy", in, nil)
}
