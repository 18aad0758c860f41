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
	// Compress lets the edge compress what the servers send plain, for whoever takes
	// it. Files are then of a type and a length that are compressed. [CMP-01]
	Compress bool `json:"compress,omitempty"`
}

// Origin is the habits of the servers.
type Origin struct {
	PageControl    string `json:"pageControl"`    // Cache-Control of pages; "": none sent
	AssetControl   string `json:"assetControl"`   // Cache-Control of assets; "": none sent
	MissingControl string `json:"missingControl"` // Cache-Control of a 404; "": none sent
	Fallback       bool   `json:"fallback"`       // answer a missing file with the page, status 200
	// FallbackControl is the Cache-Control of that answer; "": that of what is at the
	// path in some build, as where rules go by paths.
	FallbackControl string  `json:"fallbackControl,omitempty"`
	Verify          bool    `json:"verify"` // answer 404 to a version that is not the file's
	Validator       Checked `json:"validator"`
	// Outages is how often a server may stop working: it answers 503 to whatever is
	// asked, until it works again. Default 0, at most 8.
	Outages int `json:"outages,omitempty"`
	// Encodes lets servers compress what they answer, if they have no compressed copy
	// of it. Such answers are never of another build than the plain file.
	Encodes bool `json:"encodes,omitempty"`
	// NoVary: servers that have variants do not say Vary: Accept-Encoding.
	NoVary bool `json:"noVary,omitempty"`
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

// K is the column n of the published matrix, 1 to 7: a CDN that caches assets for
// a year, under
//
//  1. the full URL as key, pages not cached, a 404 cached for 10 s, late fills kept
//  2. and pages cached for a day
//  3. like 1, the query string not in the key
//  4. like 1, seen by visitors with a browser cache (see [KVisitors])
//  5. like 2, late fills dropped
//  6. like 1, the origin verifies versions
//  7. like 6, a 404 is not cached
func K(n int) CDN {
	assets := cachepolicy.Terms{
		Policy: cachepolicy.Policy{
			Name: "assets", DefaultTTL: cachepolicy.DefaultTTL, MaxTTL: cachepolicy.MaxTTL,
			QueryStrings: cachepolicy.Selection{Mode: cachepolicy.All},
		},
		Emulation: cachepolicy.Emulation{KeepLateFills: n != 5},
	}
	pages := cachepolicy.Terms{Policy: cachepolicy.Policy{Name: "caching disabled"}}
	c := CDN{Name: "K" + string(rune('0'+n)), Origin: Origin{PageControl: "no-store", AssetControl: "max-age=31536000"}}
	switch n {
	case 2, 5:
		pages = assets
		pages.Policy.Name = "pages"
		c.Origin.PageControl = "max-age=86400"
	case 3:
		assets.Policy.QueryStrings = cachepolicy.Selection{}
	case 6:
		c.Origin.Verify = true
	case 7:
		c.Origin.Verify, c.Origin.MissingControl = true, "no-store"
	}
	c.Behaviors = []Behavior{{Pattern: "/", Terms: pages}, {Pattern: "*", Terms: assets}}
	return c
}

// KVisitors are the visitors of column n.
func KVisitors(n int) []Kind {
	if n == 4 {
		return []Kind{Returning, Returning}
	}
	return []Kind{Fresh, Fresh}
}

// allQuery puts the whole query string into the key.
var allQuery = cachepolicy.Selection{Mode: cachepolicy.All}
