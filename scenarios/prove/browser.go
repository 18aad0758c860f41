package prove

import (
	"net/http"
	"strings"
	"time"

	"staleproof/cachepolicy"
)

// browserTerms is a private cache in the words of a cache behavior: the full URL
// is the key, the origin's age counts and nothing else does, errors are not kept
// without an age.
func browserTerms() cachepolicy.Terms {
	return cachepolicy.Terms{
		Policy: cachepolicy.Policy{
			MaxTTL: year, QueryStrings: cachepolicy.Selection{Mode: cachepolicy.All},
		},
		ErrorTTL:  map[int]time.Duration{404: 0, 500: 0, 502: 0, 503: 0, 504: 0},
		Emulation: cachepolicy.Emulation{UncacheableNotStale: true},
	}
}

// proxyTerms is a shared cache between visitors and the edge that leaves the
// query string out of its key but sends it on.
func proxyTerms() cachepolicy.Terms {
	t := browserTerms()
	t.Policy.QueryStrings = cachepolicy.Selection{}
	t.OriginRequest.QueryStrings = cachepolicy.Selection{Mode: cachepolicy.All}
	return t
}

// proxyTerms is how a proxy decides before these servers: it keeps to Vary, if they or
// the edge say it (RFC 9111 §4.1), and sends Accept-Encoding on in any case.
func (m *model) proxyTerms() cachepolicy.Terms {
	t := proxyTerms()
	if m.encoded() {
		t.OriginRequest.Headers = cachepolicy.Selection{Mode: cachepolicy.Only, Names: []string{"Accept-Encoding"}}
		vary := m.compresses() || !m.deploy.CDN.Origin.NoVary
		t.Policy.Gzip, t.Policy.Brotli = vary, vary
	}
	return t
}

// privately is a header as a private cache reads it: s-maxage is for shared ones
// (RFC 9111 §5.2.2.10), and private keeps a response out of those only
// (§5.2.2.7).
func privately(h http.Header) http.Header {
	var kept []string
	for _, line := range h["Cache-Control"] {
		for d := range strings.SplitSeq(line, ",") {
			name, value, _ := strings.Cut(strings.ToLower(strings.TrimSpace(d)), "=")
			if name != "s-maxage" && (name != "private" || value != "") {
				kept = append(kept, strings.TrimSpace(d))
			}
		}
	}
	out := h.Clone()
	out.Del("Cache-Control")
	if len(kept) > 0 {
		out.Set("Cache-Control", strings.Join(kept, ", "))
	}
	return out
}
