package cachepolicy

import (
	"slices"
	"time"
)

// Defaults of a cache policy's bounds. [TTL-24]
const (
	DefaultTTL = 24 * time.Hour
	MaxTTL     = 365 * 24 * time.Hour
)

// Policy is a cache policy: bounds on the freshness lifetime, and which parts of
// a viewer request join the cache key.
//
// The zero Policy disables caching. [TTL-20]
type Policy struct {
	ID   string // CloudFront's id, empty for one of our own
	Name string // without the API's "Managed-" [MCP-10]

	// MinTTL, DefaultTTL and MaxTTL bound the freshness lifetime: whole seconds
	// from 0, MinTTL <= DefaultTTL <= MaxTTL [TTL-25]; the usual values are 0,
	// [DefaultTTL] and [MaxTTL]. MinTTL is a floor;
	// DefaultTTL counts where the origin is silent; MaxTTL is a ceiling and ends
	// all use of a stale response [STALE-12].
	MinTTL, DefaultTTL, MaxTTL time.Duration

	// Headers is None, Only, or All; All is the legacy "forward every header",
	// with which nothing is cached [LEG-06].
	Headers      Selection
	Cookies      Selection
	QueryStrings Selection

	// Gzip and Brotli let the accepted encodings join the key, normalised, and
	// are what compression at the edge needs. [AE-01]
	Gzip, Brotli bool
}

// Disabled reports whether nothing is cached under p: all bounds are zero, or
// every header is forwarded. [TTL-20], [LEG-06]
func (p *Policy) Disabled() bool {
	return p.MinTTL == 0 && p.DefaultTTL == 0 && p.MaxTTL == 0 || p.Headers.Mode == All
}

// Selection picks names. The zero Selection picks none.
type Selection struct {
	Mode SelectionMode
	// Names are what Only picks and AllBut leaves out. Cookie and query names
	// are case-sensitive [QS-06], [CK-05]; header names are in canonical form.
	Names []string
	// Wildcards lets * and ? in Names stand for characters, as in the legacy
	// cookie list. In a policy they are literal. [CK-11], [POL-10]
	Wildcards bool
}

// SelectionMode says how a Selection reads its names.
type SelectionMode uint8

const (
	None   SelectionMode = iota
	Only                 // just Names
	AllBut               // all except Names
	All
)

var selectionModes = [...]string{"none", "only", "allBut", "all"}

// String is none, only, allBut or all.
func (m SelectionMode) String() string { return selectionModes[m] }

// Picks reports whether name is picked; header names in canonical form.
func (s Selection) Picks(name string) bool {
	switch s.Mode {
	case None:
		return false
	case All:
		return true
	case Only:
		return s.lists(name)
	default:
		return !s.lists(name)
	}
}

func (s Selection) lists(name string) bool {
	if s.Wildcards {
		return slices.ContainsFunc(s.Names, func(p string) bool { return MatchWildcard(p, name) })
	}
	return slices.Contains(s.Names, name)
}

// MatchWildcard reports whether s matches pattern as a whole, where * stands for
// zero or more characters, slashes included, and ? for exactly one. Matching is
// case-sensitive. [KEY-08], [PATH-04], [PATH-05]
func MatchWildcard(pattern, s string) bool {
	// star is where the last * stood, resume where its match would go on from.
	p, i, star, resume := 0, 0, -1, 0
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, resume = p, i
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == s[i]):
			p++
			i++
		case star >= 0:
			resume++
			p, i = star+1, resume
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}
