package control

import (
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"staleproof/proxy/control/cloudfront"
)

// guard refuses on every path what a web page could send: a Host that is not ours
// (a name bound to this address by someone else's DNS), an Origin that is another
// site, and what a browser says another site's page asks for, unless somebody
// followed a link. It also bounds bodies.
func (d *Door) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !d.ours(r):
			d.deny(w, r, "this door does not answer to the host name "+r.Host+"; --control-host NAME lets it")
			return
		case foreign(r):
			d.deny(w, r, "this door does not answer pages of other sites")
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxBodyBytes)
		next.ServeHTTP(w, r)
	})
}

// deny refuses in the shape of the call: AWS's clients read XML.
func (d *Door) deny(w http.ResponseWriter, r *http.Request, why string) {
	if d.CloudFront != nil && strings.HasPrefix(r.URL.Path, cloudfront.Prefix) {
		d.CloudFront.Deny(w, why)
		return
	}
	writeJSON(w, http.StatusForbidden, failure{Error: why})
}

// foreign reports whether a page of another site, or of another port, asks.
func foreign(r *http.Request) bool {
	if values, ok := r.Header["Origin"]; ok {
		u, err := url.Parse(values[0])
		return len(values) > 1 || err != nil || u.Host != r.Host
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "none", "same-origin":
		return false
	}
	link := r.Header.Get("Sec-Fetch-Mode") == "navigate" && r.Header.Get("Sec-Fetch-Dest") == "document"
	return !link || r.Method != http.MethodGet && r.Method != http.MethodHead
}

// ours reports whether the Host of r is one of the door's: a loopback address or
// localhost, the address the connection came to, which no DNS can forge, or one of
// Hosts.
func (d *Door) ours(r *http.Request) bool {
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.TrimSuffix(strings.Trim(host, "[]"), ".")
	if slices.ContainsFunc(d.Hosts, func(name string) bool { return strings.EqualFold(name, host) }) {
		return true
	}
	ip := net.ParseIP(host)
	if ip == nil {
		return strings.EqualFold(host, "localhost")
	}
	local, _ := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	return ip.IsLoopback() || local != nil && local.IP.Equal(ip)
}
