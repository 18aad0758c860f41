package proxy

import (
	"net/http"
	"strings"
)

// applyHeadersPolicy removes and adds what the behavior's response headers policy
// says; CloudFront's own errors are decorated, too. [RHP-01], [RHP-03], [ERR-09]
func (x *exchange) applyHeadersPolicy(a *answer) {
	if x.rule == nil || x.rule.ResponseHeaders == nil || x.inner {
		return
	}
	p := x.rule.ResponseHeaders
	for _, name := range p.Remove {
		delete(a.header, http.CanonicalHeaderKey(name))
		if strings.EqualFold(name, "Server") {
			a.header["Server"] = []string{"CloudFront"} // [RHP-23]
		}
	}
	if origin := x.in.Header.Get("Origin"); p.CORS != nil && origin != "" {
		applyCORS(p.CORS, a.header, origin, x.in.Method == http.MethodOptions)
	}
	for _, h := range p.Set {
		name := http.CanonicalHeaderKey(h.Name)
		if h.Override || a.header[name] == nil {
			a.header[name] = []string{h.Value}
		}
	}
}
