package cachepolicy

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// Compression is whether the edge compresses a response, with what, and which
// condition decided.
type Compression struct {
	Coding string // "br" or "gzip"; "": not compressed
	Why    CompressionReason
}

// CompressionReason says which condition decided whether a response is compressed.
// It is small, since each stored response has one; the zero value says nothing.
type CompressionReason uint8

const (
	Compressed         CompressionReason = iota + 1
	CompressOff                          // [CMP-01]
	CompressNoFlag                       // [CMP-01]
	CompressNotAsked                     // [CMP-01]
	CompressNoTTL                        // [CMP-12]
	CompressNotFetched                   // [CMP-05]
	CompressStatus                       // [CMP-05]
	CompressEncoded                      // [CMP-06]
	CompressNoLength                     // [CMP-04]
	CompressSize                         // [CMP-03]
	CompressNoType                       // [CMP-17]
	CompressType                         // [CMP-14]
)

var compressionReasons = [...]string{
	"",
	"compressed",
	"not compressed: the behavior's Compress is off",
	"not compressed: the cache policy enables neither coding",
	"not compressed: the viewer accepts no enabled coding",
	"not compressed: nothing is cached, maximum TTL is zero",
	"not compressed: not the answer to a plain GET",
	"not compressed: only 200, 403 and 404 with a body are",
	"not compressed: the origin sent a Content-Encoding",
	"not compressed: the origin sent no valid Content-Length",
	"not compressed: smaller than 1,000 or larger than 10,000,000 bytes",
	"not compressed: the origin sent no Content-Type",
	"not compressed: the content type is not on the list",
}

func (c CompressionReason) String() string {
	if int(c) >= len(compressionReasons) {
		return ""
	}
	return compressionReasons[c]
}

// MarshalText writes the reason in words.
func (c CompressionReason) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads what MarshalText wrote; other words say nothing.
func (c *CompressionReason) UnmarshalText(b []byte) error {
	*c = CompressionReason(max(0, slices.Index(compressionReasons[:], string(b))))
	return nil
}

// Bounds of what is compressed, by the origin's Content-Length. [CMP-03]
const (
	minCompressBytes = 1000
	maxCompressBytes = 10_000_000
)

// Compression decides whether the reply to r is compressed on its way into the
// store. On is the behavior's Compress. [CMP-01] to [CMP-17]
func (t *Terms) Compression(on bool, r *Request, reply Reply) Compression {
	gzip, brotli := t.Policy.Gzip, t.Policy.Brotli
	if t.Legacy { // legacy settings have no flags, and gzip only [AE-11]
		gzip, brotli = true, false
	}
	accepted := acceptedEncodings(r.Header, gzip, brotli)
	h := reply.Header
	length, err := strconv.ParseInt(h.Get("Content-Length"), 10, 64)
	switch {
	case !on:
		return Compression{Why: CompressOff}
	case !gzip && !brotli:
		return Compression{Why: CompressNoFlag}
	case accepted == "", t.IgnoresEncoding:
		return Compression{Why: CompressNotAsked}
	case t.Policy.MaxTTL == 0 && !t.Emulation.CompressWithoutTTL:
		return Compression{Why: CompressNoTTL}
	case r.Method != http.MethodGet || reply.Err != nil:
		return Compression{Why: CompressNotFetched}
	case reply.Status != 200 && reply.Status != 403 && reply.Status != 404:
		return Compression{Why: CompressStatus}
	case len(h["Content-Encoding"]) > 0:
		return Compression{Why: CompressEncoded}
	case err != nil || length < 0:
		return Compression{Why: CompressNoLength}
	case length < minCompressBytes || length > maxCompressBytes:
		return Compression{Why: CompressSize}
	case h.Get("Content-Type") == "":
		return Compression{Why: CompressNoType}
	case !Compressible(h.Get("Content-Type")):
		return Compression{Why: CompressType}
	}
	coding, _, _ := strings.Cut(accepted, ",") // br before gzip [CMP-02]
	return Compression{Coding: coding, Why: Compressed}
}

// Compressible reports whether a content type is one that is compressed;
// parameters do not matter. [CMP-14] to [CMP-17]
func Compressible(contentType string) bool {
	contentType, _, _ = strings.Cut(contentType, ";")
	_, ok := slices.BinarySearch(compressible, strings.ToLower(strings.TrimSpace(contentType)))
	return ok
}

// SetCompressed makes h, which is the caller's own, the header of a compressed
// response: a strong entity tag becomes weak, one that is neither is dropped, and the
// length is no longer the origin's. Twice is as good as once. [CMP-08], [CMP-09],
// [CMP-13]
func SetCompressed(h http.Header, coding string) {
	h["Content-Encoding"] = []string{coding}
	delete(h, "Content-Length")
	switch etag := h.Get("Etag"); {
	case etag == "", strings.HasPrefix(etag, "W/"):
	case strings.HasPrefix(etag, `"`):
		h["Etag"] = []string{"W/" + etag}
	default:
		delete(h, "Etag")
	}
}

// AddVaryEncoding adds Vary: Accept-Encoding to h, which is the caller's own, unless it
// is there: responses of a compressible type carry it when compression is on,
// compressed or not. [VARY-08]
func AddVaryEncoding(h http.Header) {
	if !variesByEncoding(h) {
		h["Vary"] = []string{strings.Join(append(slices.Clone(h["Vary"]), "Accept-Encoding"), ", ")}
	}
}

func variesByEncoding(h http.Header) bool {
	for _, line := range h["Vary"] {
		for name := range strings.SplitSeq(line, ",") {
			if name = strings.TrimSpace(name); name == "*" || strings.EqualFold(name, "Accept-Encoding") {
				return true
			}
		}
	}
	return false
}

// compressible is sorted. [CMP-14], [CMP-15]
var compressible = []string{
	"application/dash+xml", "application/eot", "application/font", "application/font-sfnt", "application/javascript",
	"application/json", "application/opentype", "application/otf", "application/pdf", "application/pkcs7-mime",
	"application/protobuf", "application/rss+xml", "application/truetype", "application/ttf",
	"application/vnd.apple.mpegurl", "application/vnd.mapbox-vector-tile", "application/vnd.ms-fontobject",
	"application/wasm", "application/x-font-opentype", "application/x-font-truetype", "application/x-font-ttf",
	"application/x-httpd-cgi", "application/x-javascript", "application/x-mpegurl", "application/x-opentype",
	"application/x-otf", "application/x-perl", "application/x-ttf", "application/xhtml+xml", "application/xml",
	"font/eot", "font/opentype", "font/otf", "font/ttf", "image/svg+xml", "text/css", "text/csv", "text/html",
	"text/javascript", "text/js", "text/plain", "text/richtext", "text/tab-separated-values", "text/x-component",
	"text/x-java-source", "text/x-script", "text/xml", "vnd.apple.mpegurl",
}
