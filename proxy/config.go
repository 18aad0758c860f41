package proxy

import (
	"crypto/rand"
	"net/http"
	"time"

	"github.com/gregjones/httpcache"

	"staleproof/proxy/distribution"
	"staleproof/proxy/fault"
	"staleproof/proxy/origin"
	"staleproof/proxy/store"
)

// Config says what an Edge is made of. Zero values are useful.
type Config struct {
	// Distributions are what is served at first; there may be none yet, and
	// [Network.Serve] puts others in their place.
	Distributions []*distribution.Distribution

	// AnyHost lets the first distribution answer for every Host that none of the
	// others has, as a laptop needs; CloudFront answers 403 [HOST-03].
	AnyHost bool

	MemoryBytes int64           // for stored responses; 0: 1 GiB
	Store       httpcache.Cache // behind the memory: shared or lasting; nil: none
	SpoolBytes  int64           // of a body kept in memory, the rest goes to a file; 0: 1 MiB
	Dir         string          // of body files; "": a temporary one, made when needed

	// MaxObjectBytes is the largest body that is cached; a larger one is an error
	// where caching is on, and passed through where it is off. 0: 50 GB, or 30 GB
	// with the switch Largest30GB. [RNG-07], [RNG-08]
	MaxObjectBytes int64

	// Origins replaces the network, by origin id. An Edge may stand here: then it
	// is a tier behind this one, and sees the same cache keys.
	Origins map[string]http.RoundTripper
	// Open opens the door to an origin that Origins leaves out, when it is first
	// served and when its settings have changed; nil, or a nil door: the network. The
	// door adds the origin's path and headers itself.
	Open func(distribution.Origin) (http.RoundTripper, error)
	// Behind is the regional edge cache for every origin that Origins leaves out;
	// nil: none. [TIER-01]
	Behind *Edge

	POP     string           // edge location for X-Amz-Cf-Pop; "": FRA56-P1 [XC-16]
	Now     func() time.Time // cache time, called from several goroutines; nil: time.Now
	Seed    string           // of request ids; "": random
	Observe func(Event)      // called in order for each exchange; must not block; nil: nobody listens

	// Feed passes events on to listeners who come and go, beside Observe; nil: there
	// are none.
	Feed *Feed
	// Faults are what goes wrong with origins; nil: nothing ever is made to.
	Faults *fault.Set

	// ViewerRequest is the viewer-request function of all behaviors; nil: none.
	ViewerRequest ViewerRequest

	// Warn is called for Warned events alone, with or without Observe. Listening to
	// hazards costs a hit nothing.
	Warn func(Event)

	// InvalidationDelay is how long an invalidation takes to take effect here, in
	// cache time. CloudFront's own: seconds [INV-21]. Default 0, at once.
	InvalidationDelay time.Duration

	// InvalidationDelays are the delays of single tiers and edge locations, by POP
	// name or "regional", in the place of InvalidationDelay. A regional edge cache
	// that is later than the edges fills them with what they have just lost.
	InvalidationDelays map[string]time.Duration

	// others do not have Store, and are told of what happens in it; nil: there are
	// none.
	others interface {
		adopt(store.Record) // another program has sent it
		forget()            // what others send is no longer known
	}
}

// New makes an edge location. Everything that can be wrong with the
// configuration is said here and not on the request path.
func New(c Config) (*Edge, error) {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.POP == "" {
		c.POP = "FRA56-P1"
	}
	var e *Edge
	lost := func(r *store.Response, why store.Loss) { e.lost(r, why) } // nothing is stored before e is made
	s, err := store.New(store.Options{MemoryBytes: c.MemoryBytes, Behind: c.Store, Dir: c.Dir, Lost: lost})
	if err != nil {
		return nil, err
	}
	e = &Edge{
		config:  c,
		self:    rand.Text(),
		store:   s,
		ids:     newIDs(c.Seed),
		flights: map[flightName]*flight{},
	}
	first, err := e.prepare(c.Distributions)
	if err != nil {
		return nil, err
	}
	e.served.Store(first)
	e.delay = c.InvalidationDelay
	if d, ok := c.InvalidationDelays[c.POP]; ok {
		e.delay = d
	}
	if err := e.load(); err != nil {
		return nil, err
	}
	e.follow()
	return e, nil
}

func (e *Edge) openOrigin(o *distribution.Origin) (*originDoor, error) {
	if rt, ok := e.config.Origins[o.ID]; ok {
		tier, _ := rt.(*Edge)
		return &originDoor{RoundTripper: rt, origin: o, tier: tier}, nil
	}
	if e.config.Behind != nil {
		return &originDoor{RoundTripper: e.config.Behind, origin: o, tier: e.config.Behind, regional: true}, nil
	}
	if e.config.Open != nil {
		if rt, err := e.config.Open(*o); rt != nil || err != nil {
			return &originDoor{RoundTripper: rt, origin: o}, err
		}
	}
	rt, err := origin.New(*o)
	if err != nil {
		return nil, err
	}
	return &originDoor{RoundTripper: rt, origin: o, network: true}, nil
}
