package distribution

import (
	"slices"
	"strings"
	"time"

	"staleproof/cachepolicy"
)

// Quotas per policy. [LIM-10], [LIM-11], [LEG-10]
const (
	maxNames           = 10
	maxNameBytes       = 1024
	maxLegacyCookies   = 512 // bytes, less the number of names
	maxLegacyQueryName = 128
	maxLegacyQueries   = 512
)

func (c *checker) behaviors() {
	d := c.d
	if n := len(d.Behaviors) - 1; n > maxBehaviors { // [PATH-20]
		c.refuse("cacheBehaviors", "TooManyCacheBehaviors", "", "%d cache behaviors are more than %d", n, maxBehaviors)
	}
	seen := map[string]bool{}
	for i := range d.Behaviors {
		b, at := &d.Behaviors[i], index("cacheBehaviors", i)
		if i == len(d.Behaviors)-1 {
			at = "defaultCacheBehavior"
		} else {
			c.pattern(at+".pathPattern", b.PathPattern, seen[b.PathPattern])
		}
		seen[b.PathPattern] = true
		c.behavior(at, b)
	}
}

func (c *checker) pattern(at, p string, again bool) {
	switch {
	case p == "":
		c.refuse(at, "InvalidArgument", "pathPattern: /images/*", "there is no path pattern")
	case len(p) > 255: // [PATH-12]
		c.refuse(at, "InvalidArgument", "", "longer than 255 characters")
	case !onlyOf(p, `_-.*$/~"'@:+&?`): // [PATH-13]
		c.refuse(at, "InvalidArgument", "letters, digits and _ - . * $ / ~ \" ' @ : + & ?", "%q has a character that is not allowed", p)
	case again: // [API-293]
		c.refuse(at, "InvalidArgument", "", "%q is given twice", p)
	}
}

func (c *checker) behavior(at string, b *Behavior) {
	group := c.hasGroup(b.TargetOriginID)
	if b.TargetOriginID == "" {
		c.refuse(at+".origin", "InvalidArgument", "origin: and the id of one of the origins", "origin is missing")
	} else if !group && !c.hasOrigin(b.TargetOriginID) { // [API-281]
		c.refuse(at+".origin", "NoSuchOrigin", "", "no origin or origin group %q", b.TargetOriginID)
	}
	if group && b.Methods == AllMethods { // [API-301]
		c.refuse(at+".allowedMethods", "InvalidArgument", "", "AllowedMethods cannot include POST, PUT, PATCH, or DELETE for a cached behavior associated with an origin group")
	}
	if b.Terms.Legacy {
		c.legacy(at, b)
	} else {
		c.cachePolicy(at+".policy", &b.Terms)
		c.originRequest(at+".originRequestPolicy", &b.Terms.OriginRequest)
	}
	if b.ResponseHeaders != nil {
		c.responseHeaders(at+".responseHeadersPolicy", b.ResponseHeaders)
	}
}

// ttlOrder is [TTL-25].
func (c *checker) ttlOrder(at string, p *cachepolicy.Policy) {
	const order = "minTTL <= defaultTTL <= maxTTL"
	switch {
	case p.MinTTL < 0 || p.DefaultTTL < 0 || p.MaxTTL < 0:
		c.refuse(at, "InvalidTTLOrder", order, "a negative TTL")
	case p.MinTTL > p.DefaultTTL:
		c.refuse(at+".minTTL", "InvalidTTLOrder", order, "minTTL %s is more than defaultTTL %s", FormatDuration(p.MinTTL), FormatDuration(p.DefaultTTL))
	case p.DefaultTTL > p.MaxTTL:
		c.refuse(at+".defaultTTL", "InvalidTTLOrder", order, "defaultTTL %s is more than maxTTL %s", FormatDuration(p.DefaultTTL), FormatDuration(p.MaxTTL))
	case p.MinTTL%time.Second != 0 || p.DefaultTTL%time.Second != 0 || p.MaxTTL%time.Second != 0:
		c.refuse(at, "InvalidArgument", "", "TTLs are whole seconds")
	}
}

func (c *checker) cachePolicy(at string, t *cachepolicy.Terms) {
	p := &t.Policy
	c.ttlOrder(at, p)
	if _, managed := cachepolicy.ManagedPolicy(p.ID); managed && p.ID != "" {
		return
	}
	if p.Headers.Mode != cachepolicy.None && p.Headers.Mode != cachepolicy.Only { // [POL-10]
		c.refuse(at+".headers", "InvalidArgument", "none, or a list of names", "a cache policy has no such selection of headers")
	}
	if p.Disabled() && (p.Gzip || p.Brotli) { // [POL-12]
		c.refuse(at, "InvalidArgument", "take CachingDisabled, or a maxTTL of 1s", "EnableAcceptEncodingGzip or EnableAcceptEncodingBrotli is invalid for policy with caching disabled")
	} else if p.Disabled() && (p.Headers.Mode != cachepolicy.None || p.Cookies.Mode != cachepolicy.None || p.QueryStrings.Mode != cachepolicy.None) {
		c.refuse(at, "InvalidArgument", "put them in an origin request policy, or set a maxTTL of 1s", "headers, cookies and query strings are invalid for policy with caching disabled")
	}
	for i, h := range p.Headers.Names {
		on := index(at+".headers", i)
		switch {
		case !token(h) || slices.Contains(neverInKey, h): // [HDR-07], [CFH-18]
			c.refuse(on, "InvalidArgument", "", "the parameter Headers contains %s that is not allowed", h)
		case h == "Host" && t.S3:
			c.refuse(on, "InvalidArgument", "", "Host cannot be in the cache key of an S3 origin")
		case h == "Accept-Encoding" && (p.Gzip || p.Brotli): // [AE-07]
			c.refuse(on, "InvalidArgument", "gzip and brotli put a normalised value in the key", "the parameter Headers contains Accept-Encoding that is not allowed")
		}
	}
	c.quota(at+".headers", "TooManyHeadersInCachePolicy", p.Headers)
	c.quota(at+".cookies", "TooManyCookiesInCachePolicy", p.Cookies)
	c.quota(at+".queryStrings", "TooManyQueryStringsInCachePolicy", p.QueryStrings)
}

// quota is [LIM-10].
func (c *checker) quota(at, code string, s cachepolicy.Selection) {
	if len(s.Names) > maxNames {
		c.refuse(at, code, "", "%d names are more than %d", len(s.Names), maxNames)
	}
	if n := len(strings.Join(s.Names, "")); n > maxNameBytes {
		c.refuse(at, "InvalidArgument", "", "the names have %d characters together, more than %d", n, maxNameBytes)
	}
	for i, name := range s.Names {
		if name == "" || slices.Index(s.Names, name) < i {
			c.refuse(index(at, i), "InvalidArgument", "", "%q is empty or given twice", name)
		}
	}
}

func (c *checker) originRequest(at string, p *cachepolicy.OriginRequestPolicy) {
	if _, managed := cachepolicy.ManagedOriginRequestPolicy(p.ID); managed && p.ID != "" {
		return
	}
	for i, h := range p.Headers.Names {
		if !token(h) || p.Headers.Mode == cachepolicy.Only && h == "Authorization" { // [HDR-09]
			c.refuse(index(at+".headers", i), "InvalidArgument", "list it in the cache policy, or forward all headers", "the parameter Headers contains %s that is not allowed", h)
		}
	}
	for i, h := range p.CloudFrontHeaders {
		if !strings.HasPrefix(h, "Cloudfront-") {
			c.refuse(index(at+".cloudFrontHeaders", i), "InvalidArgument", "", "%s is not a CloudFront header", h)
		}
	}
	if len(p.CloudFrontHeaders) > 0 && p.Headers.Mode != cachepolicy.All { // [POL-10]
		c.refuse(at+".cloudFrontHeaders", "InvalidArgument", "headers: all, or name them under headers", "cloudFrontHeaders go with all viewer headers only")
	}
	c.quota(at+".headers", "TooManyHeadersInOriginRequestPolicy", p.Headers)
	c.quota(at+".cloudFrontHeaders", "TooManyHeadersInOriginRequestPolicy", cachepolicy.Selection{Names: p.CloudFrontHeaders})
	c.quota(at+".cookies", "TooManyCookiesInOriginRequestPolicy", p.Cookies)
	c.quota(at+".queryStrings", "TooManyQueryStringsInOriginRequestPolicy", p.QueryStrings)
}

// legacy checks a behavior with forwardedValues.
func (c *checker) legacy(at string, b *Behavior) {
	p := &b.Terms.Policy
	c.ttlOrder(at, p)
	on := at + ".forwardedValues"
	if p.Headers.Mode == cachepolicy.All && p.MinTTL != 0 { // [LEG-06]
		c.refuse(at+".minTTL", "InvalidArgument", "minTTL: 0s", "minTTL must be 0 when all headers are forwarded")
	}
	if p.Headers.Mode == cachepolicy.AllBut {
		c.refuse(on+".headers", "InvalidArgument", "none, all, or a list", "forwardedValues has no allExcept")
	}
	if p.Cookies.Mode == cachepolicy.AllBut { // [LEG-04]
		c.refuse(on+".cookies", "InvalidForwardCookies", "none, all, or a list", "forwardedValues has no allExcept")
	}
	for i, h := range p.Headers.Names {
		if !token(h) || slices.Contains(neverInAllowlist, h) || strings.HasPrefix(h, "X-Edge-") || h == "Host" && b.Terms.S3 { // [HDR-27]
			c.refuse(index(on+".headers", i), "InvalidArgument", "", "the parameter Headers contains %s that is not allowed", h)
		}
	}
	c.quota(on+".headers", "TooManyHeadersInForwardedValues", p.Headers)
	c.quota(on+".cookies", "TooManyCookieNamesInWhiteList", p.Cookies)
	c.quota(on+".queryStringCacheKeys", "TooManyQueryStringParameters", p.QueryStrings)
	if len(strings.Join(p.Cookies.Names, "")) > maxLegacyCookies-len(p.Cookies.Names) { // [LIM-11]
		c.refuse(on+".cookies", "InvalidForwardCookies", "", "the names are longer than 512 bytes less their number")
	}
	if total := len(strings.Join(p.QueryStrings.Names, "")); total > maxLegacyQueries ||
		slices.ContainsFunc(p.QueryStrings.Names, func(n string) bool { return len(n) > maxLegacyQueryName }) { // [LEG-10]
		c.refuse(on+".queryStringCacheKeys", "InvalidQueryStringParameters", "", "a name longer than 128 or names longer than 512 characters together")
	}
}
