package distribution

import (
	"strings"

	"staleproof/cachepolicy"
)

// ManagedAWS writes CloudFront's own policies as the AWS command line prints each,
// one JSON document after the other, under the names that the API has for them.
// [CFG-30] to [CFG-49]
func ManagedAWS() []byte {
	w := &amazonWriter{ids: map[string]string{}, names: map[string]string{}}
	for _, p := range cachepolicy.Managed() {
		w.policy("CachePolicy", p.ID, managedName(p.Name), "", cacheConfig(&p))
	}
	for _, p := range cachepolicy.ManagedOriginRequestPolicies() {
		w.policy("OriginRequestPolicy", p.ID, managedName(p.Name), "", requestConfig(&p))
	}
	for _, p := range ManagedResponseHeadersPolicies() {
		w.policy("ResponseHeadersPolicy", p.ID, managedName(p.Name), "", w.responseConfig(&p, ""))
	}
	return w.policies
}

// managedName has the API's prefix, which two were seen without. [CFG-21], [MCP-10]
func managedName(name string) string {
	if strings.HasPrefix(name, "UseOriginCacheControlHeaders") {
		return name
	}
	return "Managed-" + name
}
