package cachepolicy

import (
	"net/http"
	"slices"
	"strings"
)

// OriginRequestPolicy says what the origin is sent besides what is in the cache
// key. The zero value adds nothing. [POL-01], [POL-02]
type OriginRequestPolicy struct {
	ID   string
	Name string
	// Headers is None, Only, AllBut, or All: all viewer headers.
	Headers Selection
	// CloudFrontHeaders are CloudFront-* names to add to All. [MORP-03]
	CloudFrontHeaders []string
	Cookies           Selection
	QueryStrings      Selection
}

// OriginRequest is the head of what the origin is sent, before what belongs to
// the origin itself: its path prefix, its own headers, X-Forwarded-For, Via and
// the id.
type OriginRequest struct {
	Method, Path, RawQuery string
	Host                   string // the viewer's, when a policy forwards it; "": the origin's own [POL-14]
	Header                 http.Header
}

// neverForwarded are headers that no setting lets through, or that are made anew.
// [requests HDR-14], [requests HDR-15], [requests HDR-24], [requests HDR-25]
var neverForwarded = map[string]bool{
	"Connection": true, "Keep-Alive": true, "Proxy-Authenticate": true, "Proxy-Authorization": true,
	"Proxy-Connection": true, "Te": true, "Trailer": true, "Transfer-Encoding": true, "Upgrade": true,
	"X-Forwarded-Proto": true, "X-Real-Ip": true, "Host": true, "X-Amz-Cf-Id": true,
	"Cookie": true, "Accept-Encoding": true, "User-Agent": true, "Via": true, "X-Forwarded-For": true,
}

// removedUnlessNamed are headers a legacy behavior drops when it does not name
// them. [requests HDR-16]
var removedUnlessNamed = map[string]bool{
	"Accept": true, "Accept-Charset": true, "Accept-Language": true, "Expect": true, "Referer": true,
	"X-Http-Method-Override": true,
}

// alwaysForwarded are headers that body, range and conditions need.
// [requests HDR-05], [COND-07]
var alwaysForwarded = map[string]bool{
	"Content-Type": true, "Content-Length": true, "Content-Encoding": true, "Range": true,
	"If-Match": true, "If-None-Match": true, "If-Modified-Since": true, "If-Unmodified-Since": true, "If-Range": true,
}

// forwardsHeader reports whether a viewer header with this canonical name reaches
// the origin because a policy says so.
func (t *Terms) forwardsHeader(name string) bool {
	key, extra := &t.Policy.Headers, &t.OriginRequest.Headers
	if isCloudFront(name) { // only where it is named [requests HDR-28]
		return key.Mode == Only && key.Picks(name) || extra.Mode == Only && extra.Picks(name) ||
			slices.Contains(t.AddedCloudFrontHeaders(), name)
	}
	return key.Picks(name) || extra.Picks(name)
}

// Ids of managed origin request policies. [MORP-02], [MORP-03]
const (
	exceptHostID    = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
	andCloudFrontID = "33f36d7e-f396-46d9-90e0-52428a34d9dc"
)

// AddedCloudFrontHeaders are the CloudFront-* headers that the origin request
// policy adds to the viewer's. [MORP-03], D-7
func (t *Terms) AddedCloudFrontHeaders() []string {
	if t.Emulation.ExceptHostAddsCloudFront && t.OriginRequest.ID == exceptHostID {
		p, _ := ManagedOriginRequestPolicy(andCloudFrontID)
		return p.CloudFrontHeaders
	}
	return t.OriginRequest.CloudFrontHeaders
}

// isCloudFront reports whether the edge makes the header with this canonical name.
func isCloudFront(name string) bool { return strings.HasPrefix(name, "Cloudfront-") }

// ForwardsHeader reports whether the named header reaches the origin because a
// policy names or covers it. CloudFront-* headers are made only then.
// [requests HDR-28]
func (t *Terms) ForwardsHeader(name string) bool {
	return t.forwardsHeader(http.CanonicalHeaderKey(name))
}

func (t *Terms) forwardsDevice() bool {
	for _, d := range [...]string{"Android", "Desktop", "Ios", "Mobile", "Smarttv", "Tablet"} {
		if t.forwardsHeader("Cloudfront-Is-" + d + "-Viewer") {
			return true
		}
	}
	return false
}

// Forward is what the origin is sent for r. What is in the key is always sent;
// the origin request policy only adds. [POL-01], [POL-05]
func (t *Terms) Forward(r *Request) OriginRequest {
	out := OriginRequest{
		Method: r.Method, Path: r.Path,
		RawQuery: t.forwardQuery(r.RawQuery),
		Header:   make(http.Header, len(r.Header)),
	}
	for name, values := range r.Header {
		switch {
		case neverForwarded[name], strings.HasPrefix(name, "X-Edge-"):
			continue
		case name == "Authorization":
			if !t.forwardsAuthorization(r.Method) {
				continue
			}
		case t.forwardsHeader(name), alwaysForwarded[name]:
		case t.Legacy && !removedUnlessNamed[name] && !isCloudFront(name): // [LEG-07]
		default:
			continue
		}
		out.Header[name] = values
	}
	if t.forwardsHeader("User-Agent") {
		if v, ok := r.Header["User-Agent"]; ok {
			out.Header["User-Agent"] = v
		}
	} else {
		out.Header["User-Agent"] = []string{"Amazon CloudFront"} // [HDR-13]
	}
	if t.forwardsHeader("Host") {
		out.Host = r.Host
	}
	t.forwardEncoding(r, out.Header)
	if c := t.forwardCookies(r.Header["Cookie"]); c != "" {
		out.Header["Cookie"] = []string{c}
	}
	return out
}

// forwardsAuthorization is [HDR-08]; the ledger's second half for the other methods.
func (t *Terms) forwardsAuthorization(method string) bool {
	if t.Policy.Headers.Picks("Authorization") || t.OriginRequest.Headers.Mode == All ||
		t.OriginRequest.Headers.Mode == AllBut && t.OriginRequest.Headers.Picks("Authorization") {
		return true
	}
	switch method {
	case http.MethodGet, http.MethodHead:
		return false
	case http.MethodOptions:
		return !t.CachedOptions
	}
	return true
}

func (t *Terms) forwardEncoding(r *Request, h http.Header) {
	values, ok := r.Header["Accept-Encoding"]
	gzip, brotli := t.codings()
	switch {
	case !ok, t.IgnoresEncoding: // [AE-10]
	case gzip || brotli:
		ae := acceptedEncodings(r.Header, gzip, brotli)
		switch {
		case ae != "":
			h["Accept-Encoding"] = []string{ae}
		case !t.Legacy: // else it is removed [requests HDR-17]
			h["Accept-Encoding"] = []string{"identity"} // [AE-03]
		}
	case t.forwardsHeader("Accept-Encoding"): // [AE-05]
		h["Accept-Encoding"] = values
	}
}

// union is what key and extra pick together, and whether they can pick anything.
// The key always wins over a block list of extra [POL-05], [POL-07]; an allow list
// of extra adds what the key blocks [POL-08]; two block lists leave out what
// either names [POL-09].
func union(key, extra Selection) (picks func(string) bool, some bool) {
	if key.Mode == AllBut && extra.Mode == AllBut {
		return func(n string) bool { return key.Picks(n) && extra.Picks(n) }, true
	}
	return func(n string) bool { return key.Picks(n) || extra.Picks(n) }, key.Mode != None || extra.Mode != None
}

func (t *Terms) forwardQuery(raw string) string {
	key, extra := t.Policy.QueryStrings, t.OriginRequest.QueryStrings
	picks, some := union(key, extra)
	switch {
	case raw == "" || !some:
		return ""
	case key.Mode == All || extra.Mode == All:
		return raw
	}
	var kept []string
	for param := range strings.SplitSeq(raw, "&") {
		name, _, _ := strings.Cut(param, "=")
		if param != "" && picks(name) {
			kept = append(kept, param)
		}
	}
	return strings.Join(kept, "&")
}

func (t *Terms) forwardCookies(lines []string) string {
	picks, some := union(t.Policy.Cookies, t.OriginRequest.Cookies)
	if !some {
		return ""
	}
	return joinCookies(lines, picks)
}

// Conditions are the headers that turn a request into a revalidation of s.
// [COND-01]
func (s *Stored) Conditions() http.Header {
	h := http.Header{}
	etag, modified := s.Validators()
	if etag != "" {
		h["If-None-Match"] = []string{etag}
	}
	if modified != "" {
		h["If-Modified-Since"] = []string{modified}
	}
	return h
}
