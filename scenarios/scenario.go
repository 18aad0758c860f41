package scenarios

import (
	"net/http"
	"time"

	"staleproof/proxy/distribution"
)

// Scenario is a written story: what is asked of an edge in which order, what its
// origins are asked and answer, and what must come of it. It is read from a file
// by [Read], and played by [Play].
type Scenario struct {
	File   string   // where it was read
	Name   string   // unique among the stories played together
	Source string   // what the story relies on, for people
	Rows   []string // of the ledgers in docs/cloudfront, "TTL-16", or golden traces, "T3"

	Distribution *distribution.Distribution
	Notes        []distribution.Note // settings of it that are not emulated
	Origins      []Origin            // all that the distribution has, by id

	POPs              int           // edge locations, 1 to 16, default 1
	Regional          bool          // a regional edge cache behind them [TIER-01]
	InvalidationDelay time.Duration // see proxy.Config; default 0

	Steps []Step
}

// Origin is a scripted origin.
type Origin struct {
	ID string
	// Script is, in order, every request that it will get, and what it answers;
	// one too many or too few fails the story. Without one, Rules are.
	Script []Exchange
	// Rules answer any number of requests; the first that fits does.
	Rules []Exchange
}

// Exchange is a request that an origin expects, and its reply.
type Exchange struct {
	Line   int
	Method string
	// URL is path and query as the origin gets them. In a rule, a * at its end
	// stands for anything.
	URL     string
	With    map[string]string // headers that the request has, with this value
	Without []string          // headers that it has not
	Body    *string           // of the request; nil: not looked at
	Reply   Reply
}

// Reply is what an origin answers.
type Reply struct {
	Status int // default 200
	// Header is sent besides Date, which is the cache time unless it is given, and
	// Content-Length. An empty Date sends none.
	Header http.Header
	Body   string
	// After is how long it takes, in cache time and whole seconds. From the read
	// timeout of the origin on it is a timeout instead.
	After time.Duration
}

// Word is what a step does.
type Word string

const (
	Get        Word = "get"
	Head       Word = "head"
	Post       Word = "post"
	Advance    Word = "advance"    // cache time moves on
	Invalidate Word = "invalidate" // at every tier
	Forget     Word = "forget"     // the edge evicts what an invalidation of this path would cover
	Break      Word = "break"      // an origin
	Mend       Word = "mend"       // a broken origin
)

// Step is one step of a story.
type Step struct {
	Line int
	Do   Word

	// Get, Head, Post
	URL      string // path and query at the distribution's own name, or with scheme and host
	Header   http.Header
	Body     string
	As       string // a visitor with private cache and cookies; "": a viewer without
	POP      int    // edge location, 1-based; 0: the first
	Together int    // so many viewers ask at the same time; 1 to 1000, default 1; not with As
	// Leaves is how many of them, from the first, go away when the origin has
	// been asked and has not answered. [COND-10]
	Leaves int

	For   time.Duration // Advance
	Items []string      // Invalidate, Forget
	At    Tier          // Forget
	Which string        // Break, Mend: origin id
	How   Fault         // Break

	Expect Expect
}

// Tier says where something is forgotten.
type Tier string

const (
	Everywhere Tier = ""
	AtEdge     Tier = "edge"
	AtRegional Tier = "regional"
)

// Fault is how an origin is broken.
type Fault string

const (
	Down  Fault = "down"  // connections are refused
	Slow  Fault = "slow"  // it never answers
	Cut   Fault = "cut"   // the connection ends in the middle of the body
	Short Fault = "short" // it announces a longer body than it sends
)

// Expect is what must be seen in a step. A nil field is not looked at. With
// several viewers it holds for each of them, as far as Others does not say
// otherwise for all but the first.
type Expect struct {
	Status *int
	// Result is CloudFront's word, as in X-Cache and the log, or [FromBrowser].
	Result *string
	Reason *string // how the reason begins
	Body   *string // as received
	Cut    *bool   // the body broke off
	// Header has a value for each field: exact, or nil when it must be absent.
	Header map[string]*string
	Age    *int // the Age header, in seconds; -1: there is none
	// Fetched is how many requests the origins got in this step.
	Fetched *int
	// Covered is how many stored responses an invalidation covers, all tiers
	// counted.
	Covered *int
	Others  *Expect
}

// FromBrowser is the result of a request that a visitor's private cache answered
// without asking the edge.
const FromBrowser = "Browser"

// empty reports whether nothing is expected.
func (e *Expect) empty() bool {
	return e.Status == nil && e.Result == nil && e.Reason == nil && e.Body == nil && e.Cut == nil &&
		len(e.Header) == 0 && e.Age == nil && e.Fetched == nil && e.Covered == nil && e.Others == nil
}
