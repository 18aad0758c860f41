package prove

import (
	"net/http"
	"slices"
	"strings"

	"staleproof/cachepolicy"
)

// compresses reports whether the edge compresses anything for anybody.
func (m *model) compresses() bool {
	return m.encoded() && slices.ContainsFunc(m.deploy.CDN.Behaviors, func(b Behavior) bool { return b.Compress })
}

// compressible makes a file one that an edge compresses, as far as type and length
// go. [CMP-03], [CMP-14]
func (m *model) compressible(h http.Header) {
	if m.compresses() {
		h.Set("Content-Type", "text/css")
		h.Set("Content-Length", "2000")
	}
}

// compress is an outcome once the edge has compressed the reply on its way into the
// store, as Terms.Compression decides: the compressed copy is what is kept. [AE-09]
// What is neither kept nor shared is left as it is, unless nothing is cached at all.
// [D-13]
func (r *rules) compress(req reqID, pl *cachepolicy.Plan, reply cachepolicy.Reply, out cachepolicy.Outcome) cachepolicy.Outcome {
	if !r.compresses[req] || out.Body != cachepolicy.FromReply {
		return out
	}
	t := r.terms[req]
	coding := t.Compression(true, &r.m.reqs[req], reply).Coding
	change := func(h http.Header) { // which Settle has just made, for this outcome
		if cachepolicy.Compressible(h.Get("Content-Type")) {
			cachepolicy.AddVaryEncoding(h)
		}
		if coding != "" {
			cachepolicy.SetCompressed(h, coding)
		}
	}
	switch {
	case pl.Action == cachepolicy.Pass:
		if coding != "" && t.Policy.Disabled() {
			change(out.Header)
		}
	case out.Store != nil || out.Share:
		change(out.Header)
		if out.Store != nil {
			change(out.Store.Header) // most often the same
		}
	}
	return out
}

// sameTag compares entity tags weakly, as servers do for If-None-Match (RFC 9110
// §13.1.2): an edge that compresses has made a strong one weak. [CMP-08]
func sameTag(a, b string) bool { return strings.TrimPrefix(a, "W/") == strings.TrimPrefix(b, "W/") }
