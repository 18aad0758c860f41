package prove

import "regexp"

// Strategy is how assets are named, so that a changed one is asked for anew.
type Strategy struct {
	Name    string    `json:"name"`
	Version VersionIn `json:"version"`
	// NestedBare: references inside assets have no version.
	NestedBare bool `json:"nestedBare,omitempty"`
	// SameID: the new build has the version id of the old one: a forgotten bump,
	// a reused hash.
	SameID bool `json:"sameID,omitempty"`

	base  string         // of a site whose builds are given: its Base and Strip
	strip *regexp.Regexp // nil: nothing is taken away
}

// VersionIn says where in the URL the version stands.
type VersionIn string

const (
	InNothing      VersionIn = ""              // /css
	InQuery        VersionIn = "query"         // /css?v=2
	InQueryHash    VersionIn = "query hash"    // /css?h=… of its bytes
	InRewrittenDir VersionIn = "rewritten dir" // /v2/css, which the server reads as /css
	InDir          VersionIn = "dir"           // /v2/css, a real directory
	InName         VersionIn = "name"          // /css.…, a hash of its bytes
)

// Strategies are the rows of the matrix.
func Strategies() []Strategy {
	return []Strategy{
		{Name: "plain"},
		{Name: "?v, nested bare", Version: InQuery, NestedBare: true},
		{Name: "?v everywhere", Version: InQuery},
		{Name: "?hash everywhere", Version: InQueryHash},
		{Name: "/v/ rewritten", Version: InRewrittenDir},
		{Name: "/v/ real", Version: InDir},
		{Name: "name.hash", Version: InName},
		{Name: "name.hash, nested bare", Version: InName, NestedBare: true},
	}
}
