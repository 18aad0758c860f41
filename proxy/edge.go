package proxy

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"staleproof/cachepolicy"
	"staleproof/proxy/distribution"
	"staleproof/proxy/front"
	"staleproof/proxy/store"
)

// Edge is the emulated edge location.
type Edge struct {
	config        Config
	store         *store.Store
	ids           *ids
	served        atomic.Pointer[served]
	invalidations invalidations
	delay         time.Duration // of invalidations here
	self          string        // whose invalidations are its own, among those in a shared store
	stopFollowing context.CancelFunc
	books         books // of invalidations
	warnings      warnings
	tallies       tallies

	kept atomic.Uint64 // how often something was stored

	mu      sync.Mutex
	flights map[flightName]*flight // under way, by name; guarded by mu
	closed  atomic.Bool

	background sync.WaitGroup // every goroutine of this edge
}

// originDoor is how an origin is reached, and how often it was.
type originDoor struct {
	http.RoundTripper
	origin   *distribution.Origin
	network  bool  // it is reached over the network, and knows its own host name
	tier     *Edge // what is behind is an edge, too
	regional bool  // and it is the regional edge cache, which not everything passes
	requests atomic.Int64
}

// steps are what happens to a viewer request, in CloudFront's order. Each returns
// an answer or nil, and then the next one has its turn. They never call each
// other.
var steps = []func(*exchange) *answer{
	(*exchange).findDistribution,    // by Host [HOST-01]
	(*exchange).checkRequest,        // length and syntax [LIM-01]
	(*exchange).findBehavior,        // by path pattern [PATH-01]
	(*exchange).makeViewerHeaders,   // CloudFront-* [HDR-28]
	(*exchange).checkViewerProtocol, // redirect or 403 [VPP-01]
	(*exchange).checkMethod,         // 403 [METH-02], [METH-07]
	(*exchange).runViewerRequest,    // may answer itself [XC-10]
	(*exchange).answerFromCache,     // store and origin
}

// finishes are what is done to every answer on its way out, in order. They look
// at where it came from and never at the store.
var finishes = []func(*exchange, *answer){
	(*exchange).replaceError,       // custom error responses [CER-03]
	(*exchange).applyHeadersPolicy, // response headers policy [RHP-01]
	(*exchange).applyConditions,    // the viewer's own range and conditions [RNG-01], [COND-06]
	(*exchange).addOwnHeaders,      // Age, Via, X-Cache, X-Amz-Cf-Id: never stored [XC-19]
}

// answer is what the viewer gets.
func (x *exchange) answer() *answer {
	x.emit(Event{Kind: Arrived})
	var a *answer
	for _, step := range x.steps() {
		if a = step(x); a != nil {
			break
		}
	}
	if a.packed == nil { // else nothing is left to be done
		for _, finish := range finishes {
			finish(x, a)
		}
	}
	return a
}

// steps leaves out what the tier in front has already done.
func (x *exchange) steps() []func(*exchange) *answer {
	if x.inner {
		return steps[len(steps)-1:]
	}
	return steps
}

// ServeHTTP answers a viewer over a socket.
func (e *Edge) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := e.newExchange(r.Context(), r)
	x.socket, x.secure = true, r.TLS != nil // whatever the scheme of an absolute target claims
	x.answerer, _ = w.(front.Answerer)
	x.writeTo(w, x.answer())
}

// RoundTrip answers a viewer in the same process. The body may still be growing
// when it returns; closing it early is how such a viewer leaves.
func (e *Edge) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancel(r.Context())
	x := e.newExchange(ctx, r)
	a := x.answer()
	if r.Body != nil {
		r.Body.Close()
	}
	return x.response(r, a, cancel), nil
}

// Close ends what is under way and waits for it. The edge cannot be used after.
func (e *Edge) Close() error {
	e.closed.Store(true)
	e.stopFollowing()
	e.mu.Lock()
	for _, f := range e.flights {
		f.life.End(errClosed)
	}
	e.mu.Unlock()
	e.background.Wait()
	return e.store.Close()
}

// OriginRequests is how many requests each origin was sent, by origin id.
func (e *Edge) OriginRequests() map[string]int64 {
	counts := map[string]int64{}
	for o, door := range e.served.Load().doors {
		counts[o.ID] += door.requests.Load()
	}
	return counts
}

// Stored lists the heads of all stored responses, in no particular order. It
// tells what memory holds, covered by an invalidation or not.
func (e *Edge) Stored() []cachepolicy.Stored {
	var all []cachepolicy.Stored
	for r := range e.store.All() {
		all = append(all, *r.Stored)
	}
	return all
}

// Forget drops every stored response whose path, with the keyed query string,
// pattern matches as in an invalidation; it is how a test plays an eviction
// [COND-09]. It says how many it dropped.
func (e *Edge) Forget(pattern string) int {
	var keys []string
	for r := range e.store.All() {
		if cachepolicy.CoversItem(pattern, r.Stored) {
			keys = append(keys, r.Stored.Key)
		}
	}
	for _, k := range keys {
		e.store.Delete(k)
	}
	return len(keys)
}

// ForgetKey drops the stored response with a cache key, [cachepolicy.Stored].Key: of
// several variants of a path, that one alone.
func (e *Edge) ForgetKey(key string) { e.store.Delete(key) }

// Handler turns an http.Handler into an origin in the same process.
func Handler(h http.Handler) http.RoundTripper { return handlerOrigin{h} }

// POP is the name of the edge location.
func (e *Edge) POP() string { return e.config.POP }
