package cachepolicy

import (
	"net/http"
	"strconv"
	"strings"
)

// acceptedEncodings is the normalised Accept-Encoding of a request under p: one of
// "br,gzip", "br", "gzip", or "" when no supported coding is accepted. Order,
// blanks, weights and other codings do not matter; a weight of 0 refuses. [AE-01]
// to [AE-04], [AE-08]
func (p *Policy) acceptedEncodings(h http.Header) string {
	if !p.Gzip && !p.Brotli {
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
				gzip = p.Gzip && !refused(params)
			case strings.EqualFold(coding, "br"):
				brotli = p.Brotli && !refused(params)
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
