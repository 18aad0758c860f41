package proxy

import (
	"net/http"
	"slices"
	"strings"

	"staleproof/cachepolicy"
)

// makeViewerHeaders puts the CloudFront-* headers that a policy names in the
// place of whatever the viewer sent under such names. They may be in the cache
// key. [HDR-28], [KEY-18], [CFH-01]
func (x *exchange) makeViewerHeaders() *answer {
	t := &x.rule.Terms
	if !namesCloudFront(t) && !sendsCloudFront(x.req.Header) {
		return nil
	}
	h := make(http.Header, len(x.req.Header)+4)
	for name, values := range x.req.Header {
		if !isCloudFront(name) {
			h[name] = values
		}
	}
	for name, value := range x.viewerFacts() {
		if t.ForwardsHeader(name) {
			h[http.CanonicalHeaderKey(name)] = []string{value}
		}
	}
	x.req.Header = h
	return nil
}

func sendsCloudFront(h http.Header) bool {
	for name := range h {
		if isCloudFront(name) {
			return true
		}
	}
	return false
}

func isCloudFront(name string) bool { return strings.HasPrefix(name, "Cloudfront-") }

func namesCloudFront(t *cachepolicy.Terms) bool {
	return slices.ContainsFunc(t.Policy.Headers.Names, isCloudFront) ||
		slices.ContainsFunc(t.OriginRequest.Headers.Names, isCloudFront) || len(t.AddedCloudFrontHeaders()) > 0
}

// viewerFacts are the headers that can be made from the request alone; a
// viewer's place and network are not known here.
func (x *exchange) viewerFacts() map[string]string {
	proto, ua := "http", strings.ToLower(x.in.UserAgent())
	if x.secure {
		proto = "https"
	}
	version := "1.1"
	if x.in.ProtoMajor >= 2 {
		version = "2.0"
	}
	android, ios := strings.Contains(ua, "android"), strings.Contains(ua, "iphone") || strings.Contains(ua, "ipad")
	tablet := strings.Contains(ua, "ipad") || strings.Contains(ua, "tablet") || android && !strings.Contains(ua, "mobile")
	tv := strings.Contains(ua, "smart-tv") || strings.Contains(ua, "smarttv") || strings.Contains(ua, "appletv")
	mobile := strings.Contains(ua, "mobile") || strings.Contains(ua, "iphone")
	return map[string]string{
		"CloudFront-Forwarded-Proto":     proto,           // [CFH-12]
		"CloudFront-Viewer-Address":      x.in.RemoteAddr, // [CFH-03]
		"CloudFront-Viewer-Http-Version": version,         // [CFH-13]
		"CloudFront-Is-Android-Viewer":   truth(android),
		"CloudFront-Is-IOS-Viewer":       truth(ios),
		"CloudFront-Is-Tablet-Viewer":    truth(tablet),
		"CloudFront-Is-Mobile-Viewer":    truth(mobile),
		"CloudFront-Is-SmartTV-Viewer":   truth(tv),
		"CloudFront-Is-Desktop-Viewer":   truth(!mobile && !tablet && !tv),
	}
}

func truth(b bool) string {
	if b {
		return "true"
	}
	return "false"
}
