package cachepolicy

import (
	"net/http"
	"strings"
)

// ViewerHeader is what an origin's response header keeps on its way to viewers
// and into the store: a new header without hop-by-hop fields, without Set-Cookie
// unless cookies are forwarded [CK-01], and with what is left of Vary [VARY-01]
// to [VARY-06].
func (t *Terms) ViewerHeader(h http.Header) http.Header {
	out := make(http.Header, len(h)+1) // for a Vary [VARY-08]
	for name, values := range h {
		switch name {
		case "Connection", "Keep-Alive", "Proxy-Connection", "Transfer-Encoding", "Trailer", "Upgrade", "Te":
			continue // [XC-22]
		case "Set-Cookie":
			if !t.CookiesForwarded() {
				continue
			}
		case "X-Amz-Id-2", "X-Amz-Request-Id":
			if t.S3 { // [XC-21]
				continue
			}
		case "Vary":
			if values = t.vary(values); values == nil {
				continue
			}
		}
		out[name] = values
	}
	for _, line := range h["Connection"] { // RFC 9110 §7.6.1
		for name := range strings.SplitSeq(line, ",") {
			if name = strings.TrimSpace(name); !strings.EqualFold(name, "close") {
				out.Del(name)
			}
		}
	}
	return out
}

// vary is what viewers see of Vary.
func (t *Terms) vary(lines []string) []string {
	var kept []string
	for _, line := range lines {
		for name := range strings.SplitSeq(line, ",") {
			name = strings.TrimSpace(name)
			switch {
			case name == "*":
				if t.Policy.MinTTL == 0 {
					return []string{"*"} // [VARY-01]
				}
			case strings.EqualFold(name, "Accept-Encoding"), strings.EqualFold(name, "Cookie"):
				kept = append(kept, name) // [VARY-03]
			case t.forwardsHeader(http.CanonicalHeaderKey(name)):
				kept = append(kept, name) // [VARY-04]
			case strings.EqualFold(name, "User-Agent") && t.forwardsDevice():
				kept = append(kept, name) // [VARY-05]
			}
		}
	}
	if kept == nil {
		return nil
	}
	return []string{strings.Join(kept, ", ")}
}
