package prove

// Trace is a sequence of events from the start of a deploy to a violation, in
// order. It is what [Verdict] shows and what can be played on a real edge.
type Trace struct {
	// Count is the number of events without landings, the length that
	// expectations are written in.
	Count int `json:"count"`
	// Landings is the number of flights that landed; Count + Landings is the
	// length "with landings".
	Landings int     `json:"landings"`
	Events   []Event `json:"events,omitempty"`
}

// EventKind says what happened.
type EventKind string

const (
	Navigated     EventKind = "navigate"   // a visitor asked for a page: a view begins
	Requested     EventKind = "request"    // a visitor asked for an asset
	Landed        EventKind = "land"       // a flight ended: stored or not, and delivered
	Deployed      EventKind = "deploy"     // a step of the deploy
	Invalidated   EventKind = "invalidate" // a step of the deploy, on a tier
	Stopped       EventKind = "stop"       // the deploy failed here and nothing more is done
	Evicted       EventKind = "evict"      // a tier forgot a stored response
	Advanced      EventKind = "advance"    // time passed
	Failed        EventKind = "fail"       // a server stopped working: it answers 503
	Recovered     EventKind = "recover"    // a server works again
	WorkerChecked EventKind = "check"      // a visitor's browser asked for the script of his service worker
	WorkerFetched EventKind = "precache"   // a service worker that is being installed asked for a file
	Restored      EventKind = "back"       // a visitor came back to a page, which was restored without a request
)

// Values of [Event].Worker.
const (
	WorkerKept     = "kept"
	WorkerInstalls = "installs"
	WorkerWaits    = "waits"
	WorkerActive   = "active"
	WorkerRefused  = "refused"
)

// Event is one thing that happened. Fields that do not concern its kind are
// empty.
type Event struct {
	N     int       `json:"n"` // 1-based count of events; a landing repeats the number before it
	Kind  EventKind `json:"kind"`
	Actor string    `json:"actor"` // "v1", "deploy", "edge", "regional", "clock"

	// Navigated, Requested, WorkerChecked, WorkerFetched, Restored
	Visitor Kind   `json:"visitor,omitempty"` // what kind the actor is; "" for others
	Entry   string `json:"entry,omitempty"`   // the tier that is asked first, unless a browser answers

	// Navigated, Requested, WorkerChecked, WorkerFetched, Landed
	URL string `json:"url,omitempty"`
	// Takes is what whoever asks takes, and Coding the content coding of what he gets.
	Takes  Encodings `json:"takes,omitempty"`
	Coding string    `json:"coding,omitempty"`
	Asset  string    `json:"asset,omitempty"`  // what the visitor wanted, by name
	Server string    `json:"server,omitempty"` // "s1": which server was asked, if one was
	via    string    // what answered a flight that is still under way
	// From says where the answer came from: "origin", a tier's name, "browser",
	// or "flight" while it is still under way.
	From   string `json:"from,omitempty"`
	Joined bool   `json:"joined,omitempty"` // waits for a flight that was under way
	Status int    `json:"status,omitempty"`
	Builds []int  `json:"builds,omitempty"` // that the bytes belong to; empty with an error
	Body   string `json:"body,omitempty"`   // identity of the bytes
	View   []int  `json:"view,omitempty"`   // builds of the view's document
	After  bool   `json:"after,omitempty"`  // the view began after the deploy had ended
	Result string `json:"result,omitempty"` // CloudFront's word: Hit, Miss, …
	Reason string `json:"reason,omitempty"` // cachepolicy's reason
	// Stored lists tiers that stored the answer, and Dropped those that did not
	// because an invalidation came between.
	Stored  []string `json:"stored,omitempty"`
	Dropped []string `json:"dropped,omitempty"`
	// Poisoned is the cache key that now holds, or just gave, bytes not bound to it.
	Poisoned string `json:"poisoned,omitempty"`
	Key      string `json:"key,omitempty"` // cache key concerned
	// For are the visitors a landing was delivered to.
	For []string `json:"for,omitempty"`

	// Deployed, Invalidated
	Step string `json:"step,omitempty"` // name of the deploy step
	Tier string `json:"tier,omitempty"` // of an invalidation or eviction; that others ask
	// Items of an invalidation.
	Items []string `json:"items,omitempty"`

	Seconds int64 `json:"seconds,omitempty"` // Advanced: how long
	// Left is how many seconds what was stored or given from a store here stays fresh
	// in the cache nearest to the visitor that has it. 0: it is not fresh, or none has
	// it.
	Left int64 `json:"left,omitempty"`

	// Worker is what became of a service worker: a new one "installs" (something is still
	// missing), "waits" or is "active"; what came was "refused"; what there is is "kept".
	Worker string `json:"worker,omitempty"`

	// Violation is set on the event that violates the verdict's property.
	Violation Class `json:"violation,omitempty"`
	Sticky    bool  `json:"sticky,omitempty"`
}
