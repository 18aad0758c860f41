package distribution

import (
	"net/http"
	"slices"
	"strings"
)

// neverInKey are headers that a cache policy cannot list. [HDR-07], [CFH-18]
var neverInKey = []string{
	"Connection", "Cookie", "Proxy-Authorization", "Te", "Upgrade",
	"Cloudfront-Viewer-Address", "Cloudfront-Viewer-Asn", "Cloudfront-Viewer-Tls",
	"Cloudfront-Viewer-Ja3-Fingerprint", "Cloudfront-Viewer-Ja4-Fingerprint",
}

// neverInAllowlist are headers that forwardedValues cannot list; X-Edge-* besides.
// Row HDR-27 of the request ledger.
var neverInAllowlist = []string{
	"Cache-Control", "Connection", "Content-Length", "Cookie", "Max-Forwards", "Pragma",
	"Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection", "Request-Range", "Te", "Trailer",
	"Transfer-Encoding", "Upgrade", "X-Amz-Cf-Id", "X-Forwarded-Proto", "X-Real-Ip",
}

// neverSetForOrigin are headers that an origin cannot be given. [HDR-30]
var neverSetForOrigin = []string{
	"Cache-Control", "Connection", "Content-Length", "Cookie", "Host", "If-Match", "If-Modified-Since",
	"If-None-Match", "If-Range", "If-Unmodified-Since", "Max-Forwards", "Pragma", "Proxy-Authenticate",
	"Proxy-Authorization", "Proxy-Connection", "Range", "Request-Range", "Te", "Trailer", "Transfer-Encoding",
	"Upgrade", "Via", "X-Real-Ip",
}

func originHeaderAllowed(name string) bool {
	name = http.CanonicalHeaderKey(name)
	return !slices.Contains(neverSetForOrigin, name) && !strings.HasPrefix(name, "X-Amz-") && !strings.HasPrefix(name, "X-Edge-")
}

// neverRemoved are headers that a response headers policy cannot remove. [RHP-24],
// [RHP-25]
var neverRemoved = []string{
	"Connection", "Content-Encoding", "Content-Length", "Expect", "Host", "Keep-Alive", "Proxy-Authenticate",
	"Proxy-Authorization", "Proxy-Connection", "Trailer", "Transfer-Encoding", "Upgrade", "Via", "Warning",
	"X-Cache", "X-Forwarded-Proto", "X-Real-Ip",
	"X-Accel-Buffering", "X-Accel-Charset", "X-Accel-Limit-Rate", "X-Accel-Redirect",
	"X-Amzn-Auth", "X-Amzn-Cf-Billing", "X-Amzn-Cf-Id", "X-Amzn-Cf-Xff", "X-Amzn-Errortype",
	"X-Amzn-Fle-Profile", "X-Amzn-Header-Count", "X-Amzn-Header-Order", "X-Amzn-Lambda-Integration-Tag",
	"X-Amzn-Requestid",
}

// Quotas of a response headers policy. [LIM-13]
const (
	maxCustomHeaders  = 10
	maxLongHeaderSize = 1783
)

// securityHeaderNames are set by a section of their own and do not count as custom
// headers. [RHP-18]
var securityHeaderNames = []string{
	"Content-Security-Policy", "Referrer-Policy", "Strict-Transport-Security",
	"X-Content-Type-Options", "X-Frame-Options", "X-Xss-Protection",
}

func (c *checker) responseHeaders(at string, p *ResponseHeadersPolicy) {
	for i, h := range p.Remove {
		if !token(h) || slices.Contains(neverRemoved, h) || strings.HasPrefix(h, "X-Amz-Cf-") || strings.HasPrefix(h, "X-Edge-") {
			c.refuse(index(at+".remove", i), "InvalidArgument", "", "%s cannot be removed", h)
		}
	}
	custom := 0
	for i, h := range p.Set {
		on := join(at+".set", h.Name)
		if !token(h.Name) || !fieldValue(h.Value) {
			c.refuse(on, "InvalidArgument", "", "not a header")
		}
		if slices.ContainsFunc(p.Set[:i], func(o ResponseHeader) bool { return o.Name == h.Name }) {
			c.refuse(on, "InvalidArgument", "", "set twice")
		}
		if h.Name == "Content-Security-Policy" && len(h.Value) > maxLongHeaderSize {
			c.refuse(on, "TooLongCSPInResponseHeadersPolicy", "", "longer than %d characters", maxLongHeaderSize)
		}
		if !slices.Contains(securityHeaderNames, h.Name) {
			custom++
		}
	}
	if custom > maxCustomHeaders { // [LIM-13]
		c.refuse(at+".set", "TooManyCustomHeadersInResponseHeadersPolicy", "", "%d custom headers are more than %d", custom, maxCustomHeaders)
	}
	if p.CORS != nil {
		c.cors(at+".cors", p.CORS)
	}
}

func (c *checker) cors(at string, p *CORS) {
	if len(p.AllowOrigins) == 0 {
		c.refuse(at+".allowOrigins", "InvalidArgument", `allowOrigins: ["*"]`, "no origin is allowed")
	}
	for i, o := range p.AllowOrigins {
		_, host, scheme := strings.Cut(o, "://")
		if !scheme {
			host = o
		}
		host, _, _ = strings.Cut(host, ":")                                    // * may stand in the port [RHP-11]
		if o != "*" && strings.Contains(strings.TrimPrefix(host, "*."), "*") { // [RHP-12]
			c.refuse(index(at+".allowOrigins", i), "InvalidArgument", "* is the whole leftmost label, like *.example.org", "%q has a * in another place", o)
		}
	}
}
