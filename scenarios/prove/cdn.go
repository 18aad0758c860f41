package prove

import (
	"time"

	"staleproof/cachepolicy"
)

// CDN is the caches between visitors and servers, and what the servers say about
// caching.
type CDN struct {
	Name string `json:"name"`
	// Behaviors are tried in order; the first whose pattern matches the path
	// counts, and one must.
	Behaviors []Behavior `json:"behaviors"`
	// Regional puts a second cache between the edge and the servers.
	Regional bool `json:"regional,omitempty"`
	// Locations is the number of edge locations, each with its own cache. 0: 1.
	// Visitors are spread over them in turn. At most 3.
	Locations int    `json:"locations,omitempty"`
	Origin    Origin `json:"origin"`
}

// Behavior is a cache behavior as far as caching goes.
type Behavior struct {
	Pattern string            `json:"pattern"` // path pattern, "*" for the default [PATH-01]
	Terms   cachepolicy.Terms `json:"terms"`
}

// Origin is the habits of the servers.
type Origin struct {
	PageControl    string  `json:"pageControl"`    // Cache-Control of pages; "": none sent
	AssetControl   string  `json:"assetControl"`   // Cache-Control of assets; "": none sent
	MissingControl string  `json:"missingControl"` // Cache-Control of a 404; "": none sent
	Fallback       bool    `json:"fallback"`       // answer a missing file with the page, status 200
	Verify         bool    `json:"verify"`         // answer 404 to a version that is not the file's
	Validator      Checked `json:"validator"`
}

// Checked says what entity tags are made from.
type Checked string

const (
	ByBytes Checked = ""          // a hash of the bytes
	ByPath  Checked = "size+time" // the same for all builds of a path
	NoTag   Checked = "none"      // no validator
)

// year is a lifetime that no deploy outlives.
const year = 365 * 24 * time.Hour
