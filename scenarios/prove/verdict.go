package prove

// Property names what is proved or refuted.
type Property string

const (
	// ViewConsistency: whatever a view is given belongs to the build of its
	// document.
	ViewConsistency Property = "S1"
	// OneBuild: some one build explains all the assets of a view.
	OneBuild Property = "S1'"
	// Binding: a shared cache holds under each key bytes that a live build binds
	// to it.
	Binding Property = "S2"
	// Freshness: after the deploy a new view gets the new document.
	Freshness Property = "S3"
	// Monotone: a visitor's documents never go back to an older build, rollback
	// apart.
	Monotone Property = "S4"
	// Settling: views that begin after the deploy's last step, when all flights
	// have landed, are consistent.
	Settling Property = "S5"
	// Retention: whatever a document that may still be shown refers to can still
	// be had.
	Retention Property = "S6"
)

// Properties lists all properties in the order verdicts are given.
func Properties() []Property {
	return []Property{ViewConsistency, OneBuild, Binding, Freshness, Monotone, Settling, Retention}
}

var titles = map[Property]string{
	ViewConsistency: "view consistency",
	OneBuild:        "one build explains a view",
	Binding:         "a key is bound to one byte string",
	Freshness:       "document freshness",
	Monotone:        "monotone session",
	Settling:        "settling",
	Retention:       "retention",
}

// Title is the property in words.
func (p Property) Title() string { return titles[p] }

// Status is the outcome of looking for violations.
type Status string

const (
	// Proved: no violation, for any number of visitors, any eviction and flights
	// of any length; both provers agree.
	Proved Status = "PROVED"
	// Refuted: a violation was reached; Trace is a shortest way to it.
	Refuted Status = "REFUTED"
	// Unknown: the provers do not agree, or something ran out; Cause says what.
	Unknown Status = "UNKNOWN"
)

// Class is the kind of a violation.
type Class string

const (
	Stale     Class = "STALE"     // bytes of earlier builds only
	Ahead     Class = "AHEAD"     // bytes of later builds only
	Missing   Class = "MISSING"   // an error, or a page where an asset was asked for
	Torn      Class = "TORN"      // bytes of no build
	Mixed     Class = "MIXED"     // no one build explains the assets of the view
	Poison    Class = "POISON"    // a key holds bytes that are not bound to it
	StalePage Class = "STALEPAGE" // a whole old page after the deploy
	Flip      Class = "FLIP"      // an older page after a newer one
)

// Verdict is what was found out about one property, and if it is refuted about
// one class of violation and its stickiness.
type Verdict struct {
	Property Property `json:"property"`
	Status   Status   `json:"status"`
	Class    Class    `json:"class,omitempty"` // of the violation; with Unknown, of the one not excluded
	// Sticky: the violation is in a view that began after the deploy had ended
	// and all flights had landed. Otherwise it is transient.
	Sticky bool `json:"sticky,omitempty"`
	// Who is hit: "new visitor", "returning visitor", "old tab", "visitor during
	// the deploy".
	Who string `json:"who,omitempty"`

	Method      string       `json:"method"`          // which provers ran, and how far
	Bounds      Bounds       `json:"bounds"`          // as used, defaults filled in
	States      int          `json:"states"`          // of the explorer
	Cause       string       `json:"cause,omitempty"` // with Unknown: what ran out or disagrees
	Coverage    string       `json:"coverage"`        // what was reached: depth, and how often hits, misses, races …
	Assumptions []Assumption `json:"assumptions"`     // A1 to A10, evaluated for this deploy

	Trace      Trace  `json:"trace"`                // with Refuted
	Assumption string `json:"assumption,omitempty"` // with Refuted: the one of A1 to A10 that failed, "A2"
	Repair     string `json:"repair,omitempty"`     // with Refuted: the cheapest change that makes it hold
}

// Assumption is one of A1 to A10 as it stands for a deploy.
type Assumption struct {
	ID    string `json:"id"`           // "A1"
	Claim string `json:"claim"`        // in words
	Holds Truth  `json:"holds"`        // holds, broken or unknown
	By    string `json:"by,omitempty"` // what breaks it, or why it is unknown
}

// Truth is whether an assumption holds.
type Truth string

const (
	Holds     Truth = "holds"
	Broken    Truth = "broken"
	Undecided Truth = "unknown"
)
