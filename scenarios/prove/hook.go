package prove

import (
	"net/http"
	"strings"

	"staleproof/cachepolicy"
)

// hook lets the package's own tests change a decision, to see that what it
// guards against is then found. The zero hook changes nothing.
type hook struct {
	keepLate      bool // late fills are stored, whatever the terms say
	dropQuery     bool // the query string is left out of every key
	dropNegative  bool // an error is never stored
	dropEvict     bool // nothing is ever evicted
	coverNothing  bool // no invalidation covers anything
	joinAny       bool // a flight from before an invalidation is joined after it
	swapPurge     bool // what is meant for the edge is invalidated in the regional cache, and the other way round
	purgeEdgeOnly bool // the regional cache is never invalidated
	ignoreNoStore bool // no-store says nothing, so the default TTL counts
	ignoreMinimum bool // there is no minimum TTL
	matchAny      bool // whatever validator is shown still holds
	ageless       bool // stored responses do not grow older
	restartAge    bool // what a tier hands on counts as new
	staleForever  bool // what is stored answers whenever a server fails, however old it is
	trustInstalls bool // a service worker compares nothing with its manifest
	trustCopies   bool // a compressed copy counts as bytes of the build it is in, whatever they are
	serveExpired  bool // an expired response is served without asking
}

// terms are a behavior's terms as far as they are changed.
func (h *hook) terms(t cachepolicy.Terms) cachepolicy.Terms {
	if h.dropQuery {
		t.Policy.QueryStrings = cachepolicy.Selection{}
	}
	if h.ignoreMinimum {
		t.Policy.MinTTL = 0
	}
	return t
}

// header is what a cache reads in the header of a reply.
func (h *hook) header(header http.Header) http.Header {
	if !h.ignoreNoStore || !strings.Contains(header.Get("Cache-Control"), "no-store") {
		return header
	}
	header = header.Clone()
	header.Del("Cache-Control")
	return header
}

// planned is what a cache does about a request with something stored for it.
func (h *hook) planned(p plan) plan {
	if h.serveExpired && p.stored != 0 {
		p.action, p.why = cachepolicy.Serve, cachepolicy.Fresh
	}
	return p
}

// tier is the kind of tier that is invalidated when one of this kind should be.
func (h *hook) tier(kind string) string {
	switch {
	case h.purgeEdgeOnly && kind == "regional":
		return "none"
	case h.swapPurge && kind == "regional":
		return "edge"
	case h.swapPurge && kind == "edge":
		return "regional"
	}
	return kind
}
