package proxy

import (
	"time"

	"staleproof/cachepolicy"
)

// EventKind is what happened.
type EventKind string

const (
	Arrived     EventKind = "arrived"     // a viewer request
	Joined      EventKind = "joined"      // waits for the answer to another
	Fetching    EventKind = "fetching"    // a request leaves for the origin
	Replied     EventKind = "replied"     // the origin's head came, or its failure
	Kept        EventKind = "stored"      // the whole response is in the store
	Refused     EventKind = "refused"     // it was not stored: cut, short, or nobody waited
	Answered    EventKind = "answered"    // the last byte went to the viewer, or the viewer left
	Warned      EventKind = "warned"      // what was kept may harm somebody; once for each key
	Invalidated EventKind = "invalidated" // an invalidation took effect
	Lost        EventKind = "lost"        // memory could not keep a stored response
	Reset       EventKind = "reset"       // everything was forgotten
)

// Event is one thing that happened to one exchange. Which fields are set depends
// on the kind; At and Kind always are, and Exchange is where there is one.
type Event struct {
	At           time.Time // cache time
	Kind         EventKind
	Exchange     string // request id, as X-Amz-Cf-Id
	POP          string
	Distribution string
	Behavior     string // path pattern of the cache behavior
	Viewer       string // address
	Method       string
	URL          string // as the viewer asked, with host
	UserAgent    string
	Referer      string
	Protocol     string
	Origin       string // id of the origin asked
	OriginURL    string // path and query the origin was asked for
	Key          string
	Leader       string // with Joined: id of the exchange whose answer is waited for
	Status       int
	Result       cachepolicy.Result
	Response     cachepolicy.Result // with Answered: as judged before it was sent; "": as Result [LOG-02]
	Detailed     string             // with Answered: x-edge-detailed-result-type; "": as Result [LOG-03]
	Reason       cachepolicy.Reason
	Rule         cachepolicy.Rule // of the lifetime, with Kept
	Lifetime     time.Duration    // with Kept
	Age          time.Duration    // sent, with Answered
	Bytes        int64            // of the body, with Answered and Kept
	Took         time.Duration    // network time, with Answered and Replied
	Detail       string
	Row          string // of the ledger, with Warned
	Fault        string // names of the faults that struck, with Replied
}
