package origin

import (
	"net/http"
	"net/url"
	"strings"
)

// prepare makes the request that is sent of the one the edge asks for: scheme and
// address, the origin's path before the raw path, its own headers over the
// viewer's.
//
// The path goes out byte for byte [PATH-16]. The exception is one that begins with
// two slashes and holds characters that are not allowed in a URL: net/http has no
// way to send it, so these characters are percent-encoded.
func (t *Transport) prepare(req *http.Request) *http.Request {
	scheme := t.scheme(req.URL.Scheme)
	out := req.Clone(req.Context())
	out.URL = &url.URL{Scheme: scheme, Host: t.pool(scheme, req.Host), RawQuery: req.URL.RawQuery, ForceQuery: req.URL.ForceQuery}
	raw := req.URL.RawPath
	if raw == "" {
		raw = req.URL.EscapedPath()
	}
	setPath(out.URL, t.origin.Path+raw)
	if out.Host == "" {
		out.Host = t.host(scheme)
	}
	out.RequestURI = ""
	if out.Header == nil {
		out.Header = http.Header{}
	}
	for _, h := range t.origin.Headers { // [HDR-29]
		out.Header.Del(h.Name)
		if http.CanonicalHeaderKey(h.Name) == "Accept-Encoding" && h.Value == "" {
			continue // [AE-10]
		}
		out.Header.Set(h.Name, h.Value)
	}
	if _, ok := out.Header["User-Agent"]; !ok {
		out.Header["User-Agent"] = nil // none of ours
	}
	out.Header["Connection"] = []string{"Keep-Alive"} // row HDR-15 of the request ledger
	if up := out.Header["Upgrade"]; len(up) > 0 {
		out.Header["Connection"] = []string{"Upgrade"} // [PROT-08]
	}
	return out
}

// pool is the URL host that connections are kept apart by. For TLS it is the
// server name, since the certificate was checked against it: a connection for one
// forwarded Host may not serve another. Its port is of no account.
func (t *Transport) pool(scheme, forwarded string) string {
	name := t.origin.Domain
	if scheme == "https" {
		name = t.serverName(forwarded)
	}
	if strings.Contains(name, ":") {
		name = "[" + name + "]"
	}
	return name
}

// serverName is what the origin is called in a TLS handshake: the forwarded Host if
// there is one, else its domain. [ORG-07]
func (t *Transport) serverName(forwarded string) string {
	if forwarded == "" {
		return t.origin.Domain
	}
	return (&url.URL{Host: forwarded}).Hostname()
}

// setPath makes u write raw as its path.
func setPath(u *url.URL, raw string) {
	path, err := url.PathUnescape(raw)
	u.Path, u.RawPath = path, raw
	if (err != nil || u.EscapedPath() != raw) && !strings.HasPrefix(raw, "//") {
		u.Path, u.RawPath, u.Opaque = "", "", raw
	} else if err != nil {
		u.Path, u.RawPath = raw, ""
	}
}
