package proxy

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"staleproof/cachepolicy"
	"staleproof/proxy/distribution"
)

// applyCORS adds the cross-origin headers for a request from the given origin.
// [RHP-04] to [RHP-08], [RHP-14], [RHP-15]
func applyCORS(c *distribution.CORS, h http.Header, origin string, preflight bool) {
	if !c.Override {
		for name := range h {
			if strings.HasPrefix(name, "Access-Control-") {
				return
			}
		}
	}
	set := func(name, value string) {
		if value != "" {
			h[name] = []string{value}
		}
	}
	set("Access-Control-Allow-Origin", allowOrigin(c, origin))
	if c.Credentials {
		set("Access-Control-Allow-Credentials", "true")
	}
	set("Access-Control-Expose-Headers", strings.Join(c.ExposeHeaders, ", "))
	if preflight {
		set("Access-Control-Allow-Methods", strings.Join(c.AllowMethods, ", "))
		set("Access-Control-Allow-Headers", strings.Join(c.AllowHeaders, ", "))
		if c.MaxAge > 0 {
			set("Access-Control-Max-Age", strconv.FormatInt(int64(c.MaxAge/time.Second), 10))
		}
	}
	if len(c.AllowOrigins) > 0 && c.AllowOrigins[0] != "*" {
		h["Vary"] = append(h["Vary"][:len(h["Vary"]):len(h["Vary"])], "Origin") // [RHP-16]
	}
}

// allowOrigin is "*", the request's origin when one of the policy's matches it, or
// "". [RHP-08]
func allowOrigin(c *distribution.CORS, origin string) string {
	for _, allowed := range c.AllowOrigins {
		if allowed == "*" {
			return "*"
		}
		if matchOrigin(allowed, origin) {
			return origin
		}
	}
	return ""
}

// matchOrigin matches an origin against one of a policy: without a scheme both
// count, without a port none or, when there is no scheme either, any. [RHP-09] to
// [RHP-11]
func matchOrigin(allowed, origin string) bool {
	scheme, host, ok := strings.Cut(allowed, "://")
	if !ok {
		host, scheme = allowed, ""
	}
	gotScheme, gotHost, ok := strings.Cut(origin, "://")
	if !ok || scheme != "" && scheme != gotScheme {
		return false
	}
	name, port, hasPort := strings.Cut(host, ":")
	gotName, gotPort, gotHasPort := strings.Cut(gotHost, ":")
	switch {
	case hasPort && (!gotHasPort || !cachepolicy.MatchWildcard(port, gotPort)):
		return false
	case !hasPort && gotHasPort && scheme != "":
		return false
	}
	if suffix, ok := strings.CutPrefix(name, "*."); ok {
		return strings.HasSuffix(gotName, "."+suffix)
	}
	return name == gotName
}
