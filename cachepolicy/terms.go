package cachepolicy

import (
	"net/http"
	"time"
)

// Terms is what a cache behavior means for caching: its policy, and the settings
// around it that reach into caching. Worked out once, when a distribution is
// read; never changed afterwards.
type Terms struct {
	Policy Policy

	// OriginRequest says what the origin is sent besides what is in the key.
	OriginRequest OriginRequestPolicy

	// Legacy: the behavior has ForwardedValues instead of a cache policy. Viewer
	// headers it does not name are forwarded all the same. [LEG-07]
	Legacy bool

	// CachedOptions: OPTIONS is one of the cached methods. [KEY-10]
	CachedOptions bool

	// ErrorTTL is the error caching minimum TTL by status, whole seconds from 0; a
	// status not in it has 10 s [ERR-04], and 0 is 1 s for a bucket [ERR-12].
	ErrorTTL map[int]time.Duration

	// S3: the origin is a bucket. [ERR-12]
	S3 bool

	// IgnoresEncoding: the origin has a custom header Accept-Encoding without a value,
	// which takes Accept-Encoding out of the key and out of its requests. [AE-10]
	IgnoresEncoding bool

	// TagHeader names the origin response header that holds cache tags; empty:
	// none. [INV-29]
	TagHeader string

	Emulation Emulation
}

// Emulation holds one switch for each question on which sources about CloudFront
// disagree or are silent. The zero value is what the ledger suggests.
type Emulation struct {
	// KeepLateFills stores a response whose origin request began before an
	// invalidation that covers it, as if it had begun after. Whether CloudFront
	// does is not documented; without it the response answers those who were
	// already waiting and nobody else.
	KeepLateFills bool

	// BareCacheControlMinimum gives a response with Cache-Control but without an
	// age MinTTL instead of DefaultTTL. [TTL-21], D-1
	BareCacheControlMinimum bool

	// ViewerRevalidates lets a viewer's Cache-Control: no-cache or max-age=0, or
	// Pragma: no-cache, make a fresh response be revalidated. [TTL-28], D-2
	ViewerRevalidates bool

	// StaleIfErrorFourOnly lets stale-if-error answer for 500, 502, 503 and 504
	// only, not for any 5xx. [STALE-06], D-3
	StaleIfErrorFourOnly bool

	// UncacheableNotStale never serves a no-cache, no-store or private response
	// stale unless MinTTL is above zero, as the guide of 2023 has it; that of
	// 2026 wants MinTTL or MaxTTL above zero. [STALE-14], D-4
	UncacheableNotStale bool

	// HeadNotCached passes every HEAD to the origin, as the quotas page has it:
	// only GET is cached. [KEY-13], D-5
	HeadNotCached bool

	// BucketIgnoresCookies leaves forwarded cookies out of the key when the origin
	// is a bucket: later requests get the existing response. [CK-12], D-6
	BucketIgnoresCookies bool

	// ErrorsCachedWithoutHeaders caches 400, 403, 405, 412 and 415 for the error
	// caching minimum TTL even when the origin sent no age. [ERR-03], D-8
	ErrorsCachedWithoutHeaders bool

	// ErrorDirectivesIgnored caches 404, 414 and 501 although they say no-store,
	// no-cache or private. [ERR-09], D-9
	ErrorDirectivesIgnored bool

	// GoneCached caches 410 like 404. [ERR-08], D-10
	GoneCached bool

	// MustRevalidateForbidsStale lets must-revalidate forbid stale answers when
	// the origin fails. Unknown 9.
	MustRevalidateForbidsStale bool

	// OriginAgeRestarts leaves an Age that the origin sent out of ours. Unknown 7.
	OriginAgeRestarts bool

	// CompressWithoutTTL compresses although MaxTTL is zero, as the guide of 2026
	// allows by saying nothing of it. [CMP-12], D-13
	CompressWithoutTTL bool

	// LegacyGzipOnly tells gzip alone apart under legacy settings, in the key and to the
	// origin, as the guide had it until September 2020; since then its table of headers
	// has gzip and br. [AE-11], D-18
	LegacyGzipOnly bool

	// ExceptHostAddsCloudFront lets AllViewerExceptHostHeader add the CloudFront-*
	// headers, as the guide's prose has it; its list of settings does not. [MORP-02],
	// D-7
	ExceptHostAddsCloudFront bool

	// EncodedTildeInvalidates lets %7E in an invalidation path have effect, as a
	// report of 2019 has it; the guide says ~ is unsupported, encoded or not. A plain
	// ~ is refused in both. [INV-14], D-11
	EncodedTildeInvalidates bool

	// Largest30GB makes 30 GB the largest object, as the guide of 2023 has it; that
	// of 2026 has 50 GB. [RNG-07], D-12
	Largest30GB bool

	// SizeLimitForWrites applies the largest size to the answers to POST and PUT,
	// too, as the guide of 2023 has it; that of 2026 names GET. [RNG-07], D-17
	SizeLimitForWrites bool

	// OriginViaReplaced drops a Via of the origin's, as the guide has it; captures
	// show it after CloudFront's. [XC-14], D-14
	OriginViaReplaced bool

	// RootInvalidatedByName lets only /index.html, or whatever the default root
	// object is called, remove it, and not /. [INV-09], unknown 17
	RootInvalidatedByName bool

	// StaleIfErrorQuiet leaves the origin alone for the error caching minimum TTL
	// after it failed, also when stale-if-error answered. Unknown 6; the one
	// published test waited for the origin each time [STALE-15].
	StaleIfErrorQuiet bool

	// HeadMissNotStored keeps nothing of the answer to a HEAD, not even for later
	// HEADs. [KEY-12], unknown 4
	HeadMissNotStored bool

	// FirstRangeOnly answers several ranges with the first one alone instead of
	// multipart/byteranges. [RNG-05], unknown 16
	FirstRangeOnly bool

	// Headers20480 refuses a request of more than 20,480 bytes with 413, as the
	// guide of 2023 has it; that of 2026 has 32,768 and 494. [LIM-02], D-15
	Headers20480 bool
}

// defaultErrorTTL is the error caching minimum TTL where none is set. [ERR-04]
const defaultErrorTTL = 10 * time.Second

// errorTTL is the error caching minimum TTL of status. [ERR-12]
func (t *Terms) errorTTL(status int) time.Duration {
	d, ok := t.ErrorTTL[status]
	if !ok {
		d = defaultErrorTTL
	}
	if d == 0 && t.S3 {
		d = time.Second
	}
	return d
}

// CookiesForwarded reports whether any policy sends cookies to the origin: then
// there is no collapsing and no conditional request [COLL-04], [COND-04], and
// Set-Cookie stays in the response [CK-01].
func (t *Terms) CookiesForwarded() bool {
	return t.Policy.Cookies.Mode != None || t.OriginRequest.Cookies.Mode != None
}

// Request is the head of a viewer request: all that a decision may depend on.
// Header has canonical names, no Host, and as CloudFront-* headers only those the
// edge made [requests HDR-28]; RawQuery has no question mark. Path is the raw
// path, as it came over the wire [KEY-07].
type Request struct {
	Method, Host, Path, RawQuery string
	Header                       http.Header
}

// cached reports whether m is a method whose responses may be stored. [KEY-13]
func (t *Terms) cached(m string) bool {
	switch m {
	case http.MethodGet:
		return true
	case http.MethodHead:
		return !t.Emulation.HeadNotCached
	case http.MethodOptions:
		return t.CachedOptions
	}
	return false
}
