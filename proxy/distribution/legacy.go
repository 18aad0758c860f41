package distribution

import (
	"net/http"

	"staleproof/cachepolicy"
)

// legacyValues are ForwardedValues, the settings from before there were policies.
type legacyValues struct {
	query            bool
	keys             []string
	headers, cookies cachepolicy.Selection
}

// terms is what they mean for caching. [LEG-01] to [LEG-07]
func (v legacyValues) terms(t *cachepolicy.Terms) {
	t.Legacy = true
	p := &t.Policy
	switch {
	case !v.query: // [LEG-01]
	case len(v.keys) > 0: // all are forwarded, only these are in the key [LEG-03]
		p.QueryStrings = cachepolicy.Selection{Mode: cachepolicy.Only, Names: v.keys}
		t.OriginRequest.QueryStrings = cachepolicy.Selection{Mode: cachepolicy.All}
	default:
		p.QueryStrings = cachepolicy.Selection{Mode: cachepolicy.All} // [LEG-02]
	}
	p.Headers = v.headers
	if len(p.Headers.Names) == 1 && p.Headers.Names[0] == "*" {
		p.Headers = cachepolicy.Selection{Mode: cachepolicy.All} // [LEG-06]
	}
	p.Headers.Names = canonical(p.Headers.Names)
	p.Cookies = v.cookies
	p.Cookies.Wildcards = p.Cookies.Mode == cachepolicy.Only // [LEG-04]
}

// canonical makes header names comparable with those of requests.
func canonical(names []string) []string {
	if len(names) == 0 {
		return nil
	}
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = http.CanonicalHeaderKey(n)
	}
	return out
}
