package proxy

import (
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"

	"staleproof/proxy/origin"
)

// Largest objects that are cached. [RNG-07], D-12
const (
	maxObjectBytes     = 50 << 30
	maxObjectBytes2023 = 30 << 30
)

var errTooLarge = errors.New("the object is larger than what can be cached")

// unfit is why the head of a response makes it a failure of its origin; nil: it does not.
func (x *exchange) unfit(res *http.Response) error {
	if res.ContentLength > x.largest() { // [RNG-08]
		return errTooLarge
	}
	if res.StatusCode == http.StatusPartialContent && res.ContentLength >= 0 {
		if n, ok := rangeLength(res.Header.Get("Content-Range")); ok && n != res.ContentLength { // [ORG-25]
			return origin.ErrRangeLength
		}
	}
	return nil
}

// rangeLength is how many bytes a Content-Range says there are.
func rangeLength(contentRange string) (n int64, ok bool) {
	spec, ok := strings.CutPrefix(contentRange, "bytes ")
	spec, _, _ = strings.Cut(spec, "/")
	from, to, _ := strings.Cut(spec, "-")
	first, err1 := strconv.ParseInt(from, 10, 64)
	last, err2 := strconv.ParseInt(to, 10, 64)
	return last - first + 1, ok && err1 == nil && err2 == nil
}

// largest is how long the origin's body may be for this viewer. With caching off
// there is no limit. [RNG-08]
func (x *exchange) largest() int64 {
	t := &x.rule.Terms
	switch m := x.req.Method; {
	case t.Policy.Disabled():
		return math.MaxInt64
	case m == http.MethodGet:
	case (m == http.MethodPost || m == http.MethodPut) && t.Emulation.SizeLimitForWrites: // D-17
	default:
		return math.MaxInt64
	}
	switch {
	case x.edge.config.MaxObjectBytes > 0:
		return x.edge.config.MaxObjectBytes
	case t.Emulation.Largest30GB:
		return maxObjectBytes2023
	}
	return maxObjectBytes
}
