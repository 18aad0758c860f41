package cachepolicy

import (
	"net/http"
	"strconv"
	"strings"
)

// codings are those that the key and the request to the origin name, in a form of
// their own, when the viewer accepts them. Legacy settings have no flags: there it is
// both, or gzip alone (D-18), unless they list the header as it is. [AE-01], [AE-11]
func (t *Terms) codings() (gzip, brotli bool) {
	switch {
	case !t.Legacy:
		return t.Policy.Gzip, t.Policy.Brotli
	case t.Policy.Headers.Picks("Accept-Encoding"):
		return false, false
	}
	return true, !t.Emulation.LegacyGzipOnly
}

// NormalisesEncoding reports whether requests that accept other codings have other
// keys, without Accept-Encoding being listed.
func (t *Terms) NormalisesEncoding() bool {
	gzip, brotli := t.codings()
	return gzip || brotli
}

// acceptedEncodings is the normalised Accept-Encoding of a request when these codings
// count: one of "br,gzip", "br", "gzip", or "" when none of them is accepted. Order,
// blanks, weights and other codings do not matter; a weight of 0 refuses. [AE-01]
// to [AE-04], [AE-08]
func acceptedEncodings(h http.Header, countGzip, countBrotli bool) string {
	if !countGzip && !countBrotli {
		return ""
	}
	var gzip, brotli bool
	for _, line := range h["Accept-Encoding"] {
		for line != "" {
			var coding string
			coding, line, _ = strings.Cut(line, ",")
			coding, params, _ := strings.Cut(coding, ";")
			switch coding = strings.TrimSpace(coding); {
			case strings.EqualFold(coding, "gzip"):
				gzip = countGzip && !refused(params)
			case strings.EqualFold(coding, "br"):
				brotli = countBrotli && !refused(params)
			}
		}
	}
	switch {
	case brotli && gzip:
		return "br,gzip"
	case brotli:
		return "br"
	case gzip:
		return "gzip"
	}
	return ""
}

// refused reports whether the parameters of a coding give it weight zero.
func refused(params string) bool {
	if params == "" { // nearly always
		return false
	}
	_, q, ok := strings.Cut(strings.ToLower(strings.ReplaceAll(params, " ", "")), "q=")
	if !ok {
		return false
	}
	v, err := strconv.ParseFloat(q, 64)
	return err == nil && v == 0
}
