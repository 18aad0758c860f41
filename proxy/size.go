package proxy

import (
	"errors"
	"math"
	"net/http"
)

// Largest objects that are cached. [RNG-07], D-12
const (
	maxObjectBytes     = 50 << 30
	maxObjectBytes2023 = 30 << 30
)

var errTooLarge = errors.New("the object is larger than what can be cached")

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
