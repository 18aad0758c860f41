package distribution

import "staleproof/cachepolicy"

// behavior is [CFG-79] to [CFG-85], the path pattern first.
func (w *amazonWriter) behavior(b *Behavior, at string) section {
	allowed, cached := allMethods[:2], allMethods[:2]
	switch b.Methods {
	case GetHeadOptions:
		allowed = allMethods[:3]
	case AllMethods:
		allowed = allMethods
	}
	if b.Terms.CachedOptions {
		cached = allMethods[:3]
	}
	s := section{
		{"PathPattern", b.PathPattern}, {"TargetOriginId", b.TargetOriginID}, {"ViewerProtocolPolicy", wordFor(b.ViewerProtocol, viewerProtocols)},
		{"AllowedMethods", append(wrapped(allowed), entry{"CachedMethods", wrapped(cached)})}, {"Compress", b.Compress},
	}
	if b.Terms.Legacy {
		s = append(s, entry{"ForwardedValues", amazonForwarded(&b.Terms.Policy)})
		s = append(s, lifetimes(&b.Terms.Policy)...)
	} else {
		s = append(s, entry{"CachePolicyId", w.cachePolicy(&b.Terms.Policy, at+".policy")})
		if id := w.originRequest(&b.Terms.OriginRequest, at+".originRequestPolicy"); id != "" {
			s = append(s, entry{"OriginRequestPolicyId", id})
		}
	}
	if b.ResponseHeaders != nil {
		s = append(s, entry{"ResponseHeadersPolicyId", w.responseHeaders(b.ResponseHeaders, at+".responseHeadersPolicy")})
	}
	return s
}

func lifetimes(p *cachepolicy.Policy) section {
	return section{{"MinTTL", seconds(p.MinTTL)}, {"DefaultTTL", seconds(p.DefaultTTL)}, {"MaxTTL", seconds(p.MaxTTL)}}
}

// amazonForwarded is [CFG-84].
func amazonForwarded(p *cachepolicy.Policy) section {
	cookies := section{{"Forward", wordFor(p.Cookies.Mode, selectionModes)}}
	if len(p.Cookies.Names) > 0 {
		cookies = append(cookies, entry{"WhitelistedNames", wrapped(p.Cookies.Names)})
	}
	headers := spelled(p.Headers.Names)
	if p.Headers.Mode == cachepolicy.All { // [LEG-06]
		headers = []string{"*"}
	}
	return section{{"QueryString", p.QueryStrings.Mode != cachepolicy.None}, {"Cookies", cookies}, {"Headers", wrapped(headers)},
		{"QueryStringCacheKeys", wrapped(p.QueryStrings.Names)}}
}
