// Package distribution reads and checks what a distribution is.
package distribution

import (
	"net/http"
	"time"

	"staleproof/cachepolicy"
)

// Distribution is one CloudFront distribution, read and checked. It is never
// changed once an edge has it.
type Distribution struct {
	ID      string   // "E" and 13 characters, as CloudFront's
	Domain  string   // its own name, "d….cloudfront.net": the scope of its cache keys [KEY-01]
	Aliases []string // alternate domain names, lower case; "*.example.com" is a wildcard [HOST-05]
	Comment string
	Enabled bool

	DefaultRootObject string // without a leading slash; "": none [ROOT-01]

	Origins      []Origin
	OriginGroups []OriginGroup
	// Behaviors in order of matching; the last is the default, with pattern "*".
	// [PATH-01], [PATH-02]
	Behaviors      []Behavior
	ErrorResponses []ErrorResponse
	TagHeader      string // [INV-29]

	Emulation cachepolicy.Emulation
}

// Origin is where a distribution fetches from.
type Origin struct {
	ID     string
	Domain string // host name, without port
	Path   string // put before the URL path; begins with / and does not end with it [ORG-01]
	// URL, when set, is where the origin is really reached (scheme://host:port),
	// whatever Domain, Protocol and ports say. The path of the URL is not used.
	URL string

	Protocol            Protocol
	HTTPPort, HTTPSPort int      // defaults 80 and 443 [ORG-06]
	Headers             []Header // sent with every request; replace the viewer's [HDR-29]

	// ConnectionAttempts is 1 to 3, default 3; ConnectionTimeout 1 to 10 s,
	// default 10 s; ReadTimeout, which the origin may stay silent before the first
	// byte and between packets, 1 to 120 s, default 30 s; KeepAlive 1 to 120 s,
	// default 5 s. [LIM-15]
	ConnectionAttempts int
	ConnectionTimeout  time.Duration
	ReadTimeout        time.Duration
	KeepAlive          time.Duration

	S3 bool // a bucket's REST endpoint
}

// Header is one header field in the spelling it was configured with.
type Header struct{ Name, Value string }

// Protocol is an origin protocol policy. [ORG-03], [ORG-04]
type Protocol uint8

const (
	MatchViewer Protocol = iota
	HTTPOnly
	HTTPSOnly
)

// OriginGroup is a primary and a secondary origin, and the statuses at which the
// second is asked. [FAIL-01]
type OriginGroup struct {
	ID        string
	Primary   string
	Secondary string
	Statuses  []int
}

// ViewerProtocol is a viewer protocol policy. [VPP-01] to [VPP-05]
type ViewerProtocol uint8

const (
	AllowAll ViewerProtocol = iota
	RedirectToHTTPS
	ViewerHTTPSOnly
)

// Behavior is a cache behavior: what happens to requests whose path it matches.
type Behavior struct {
	PathPattern    string // as configured; "*" for the default
	TargetOriginID string // of an origin or an origin group
	ViewerProtocol ViewerProtocol
	// Methods is how many methods are allowed, in CloudFront's three sets. [METH-01]
	Methods  Methods
	Compress bool
	Terms    cachepolicy.Terms
	// ResponseHeaders is added on the way out, never stored; nil: none. [RHP-01]
	ResponseHeaders *ResponseHeadersPolicy
}

// Methods is one of the three sets of allowed methods. [METH-01]
type Methods uint8

const (
	GetHead Methods = iota
	GetHeadOptions
	AllMethods
)

// Allows reports whether the set has the method. [METH-02]
func (m Methods) Allows(method string) bool {
	switch method {
	case http.MethodGet, http.MethodHead:
		return true
	case http.MethodOptions:
		return m >= GetHeadOptions
	case http.MethodPut, http.MethodPost, http.MethodPatch, http.MethodDelete:
		return m == AllMethods
	}
	return false
}

// ErrorResponse is a custom error response. Page and Status are both set or
// neither; with neither it only sets the error caching minimum TTL, which the
// terms of every behavior already hold. [ERR-16]
type ErrorResponse struct {
	Code   int
	Page   string
	Status int
	MinTTL time.Duration
}

// ResponseHeadersPolicy changes the headers of answers on the way out: first it
// removes, then it sets. [RHP-03]
type ResponseHeadersPolicy struct {
	ID, Name string
	Remove   []string
	Set      []ResponseHeader
	CORS     *CORS
}

// ResponseHeader is set on every answer; without Override only where the origin
// sent none. [RHP-18], [RHP-22]
type ResponseHeader struct {
	Name, Value string
	Override    bool
}

// CORS is the cross-origin part of a response headers policy; it concerns only
// requests with an Origin header. [RHP-04]
type CORS struct {
	AllowOrigins  []string // "*" or origins, with * as the leftmost label [RHP-08]
	AllowHeaders  []string
	AllowMethods  []string
	ExposeHeaders []string
	Credentials   bool
	MaxAge        time.Duration // 0: not sent
	Override      bool
}

// Note is a setting that was read but is not emulated, named once and never
// dropped in silence.
type Note struct {
	Path    string // of the setting, "Origins.Items[0].OriginShield"
	Message string
}

// Error is a setting that is refused, with what AWS would call it where AWS
// would refuse it, too.
type Error struct {
	File string
	Line int    // 1-based; 0 when the format has no lines to speak of
	Path string // of the setting
	Code string // AWS's error name, "" when the mistake is one of writing
	What string
	Hint string // what to do; may be empty
}
