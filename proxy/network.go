package proxy

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"staleproof/cachepolicy"
)

// POPHeader is the request header that chooses an edge location of a [Network],
// by number from 1 or by name. It goes no further.
const POPHeader = "Staleproof-Pop"

// popNames are edge locations in the form of X-Amz-Cf-Pop. [XC-16]
var popNames = [...]string{
	"FRA56-P1", "IAD89-C1", "NRT57-C2", "SYD62-P3", "GRU3-C1", "BOM78-P2", "LHR61-C4", "SFO53-P5",
	"CDG52-C2", "SIN2-P1", "JNB50-C3", "YTO50-P2", "ARN56-C1", "HKG62-P1", "DXB53-C2", "MEL51-P3",
}

// MaxPOPs is how many edge locations a Network can have.
const MaxPOPs = len(popNames)

// Network is several edge locations on one clock, with or without a regional edge
// cache between them and the origins.
type Network struct {
	POPs     []*Edge
	Regional *Edge // nil: none

	mu   sync.Mutex    // of Serve
	made chan struct{} // closed when all edges are there
}

// NewNetwork makes n edge locations from one Config. With regional, one more edge
// stands behind all of them and alone reaches the origins and Config.Store;
// without, each keeps its own and the first one has Config.Store.
func NewNetwork(c Config, n int, regional bool) (*Network, error) {
	if n < 1 || n > MaxPOPs {
		return nil, fmt.Errorf("%d edge locations: there can be 1 to %d", n, MaxPOPs)
	}
	names := popNames[:n]
	if regional {
		names = append([]string{"regional"}, names...)
	}
	for name := range c.InvalidationDelays {
		if !slices.Contains(names, name) {
			return nil, fmt.Errorf("invalidation delay of %q: there is only %s", name, strings.Join(names, ", "))
		}
	}
	nw := &Network{made: make(chan struct{})}
	c.others = beside{nw}
	if regional {
		behind := c
		behind.POP = "regional"
		e, err := New(behind)
		if err != nil {
			return nil, err
		}
		nw.Regional = e
		c.Behind, c.Origins, c.Store, c.Dir, c.others = e, nil, nil, "", nil
	}
	for i := range n {
		c.POP = popNames[i]
		if c.Seed != "" {
			c.Seed += "/" + strconv.Itoa(i)
		}
		e, err := New(c)
		if err != nil {
			close(nw.made)
			nw.Close()
			return nil, err
		}
		nw.POPs = append(nw.POPs, e)
		c.Store, c.Dir, c.others = nil, "", nil
	}
	close(nw.made)
	return nw, nil
}

// choose finds the edge location that a request names, by default the first.
func (nw *Network) choose(r *http.Request) (*Edge, error) {
	want := r.Header.Get(POPHeader)
	if want == "" {
		return nw.POPs[0], nil
	}
	r.Header.Del(POPHeader)
	if i, err := strconv.Atoi(want); err == nil && i >= 1 && i <= len(nw.POPs) {
		return nw.POPs[i-1], nil
	}
	for _, e := range nw.POPs {
		if strings.EqualFold(e.config.POP, want) {
			return e, nil
		}
	}
	return nil, fmt.Errorf("%s: there is no edge location %q, only 1 to %d", POPHeader, want, len(nw.POPs))
}

// ServeHTTP answers a viewer at the edge location he chose.
func (nw *Network) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e, err := nw.choose(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	e.ServeHTTP(w, r)
}

// RoundTrip is ServeHTTP for a viewer in the same process.
func (nw *Network) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	e, err := nw.choose(r)
	if err != nil {
		return nil, err
	}
	return e.RoundTrip(r)
}

// Invalidate sends one invalidation to all tiers and reports what each had.
func (nw *Network) Invalidate(distributionID string, items ...string) (cachepolicy.Invalidation, []Report, error) {
	p, err := nw.Send(Batch{Distribution: distributionID, Items: items})
	if err != nil {
		return p.Invalidation, nil, err
	}
	reports, err := nw.Reports(p.ID)
	return p.Invalidation, reports, err
}

// Send begins one invalidation in all tiers. Without delays the regional one comes
// first: an edge that is cleared before it would be filled from what is still
// there. Config.InvalidationDelays gives each tier and edge location its own time,
// and so any other order.
func (nw *Network) Send(b Batch) (Progress, error) { return send(nw.Edges(), b) }

// Progress tells of an invalidation by its id. [INV-19]
func (nw *Network) Progress(id string) (Progress, error) { return nw.Edges()[0].Progress(id) }

// Invalidations lists what was sent, the youngest first. Nothing ever leaves the
// list. [INV-20]
func (nw *Network) Invalidations() []Progress { return nw.Edges()[0].Invalidations() }

// InvalidationsAfter lists at most n of them, those older than the one with the id after.
func (nw *Network) InvalidationsAfter(after string, n int) ([]Progress, error) {
	return nw.Edges()[0].InvalidationsAfter(after, n)
}

// Bill is the price of the invalidations of the month that holds at.
func (nw *Network) Bill(at time.Time) Bill { return nw.Edges()[0].Bill(at) }

// Reports tells what an invalidation covers in each tier. It looks at everything
// stored.
func (nw *Network) Reports(id string) ([]Report, error) {
	var reports []Report
	for _, e := range nw.Edges() {
		r, err := e.Report(id)
		if err != nil {
			return nil, err
		}
		reports = append(reports, r)
	}
	return reports, nil
}

// Edges are all tiers, in the order in which they are invalidated.
func (nw *Network) Edges() []*Edge {
	if nw.Regional == nil {
		return nw.POPs
	}
	return append([]*Edge{nw.Regional}, nw.POPs...)
}

// OriginRequests is how many requests left the network for each origin.
func (nw *Network) OriginRequests() map[string]int64 {
	if nw.Regional != nil {
		return nw.Regional.OriginRequests()
	}
	counts := map[string]int64{}
	for _, e := range nw.POPs {
		for id, n := range e.OriginRequests() {
			counts[id] += n
		}
	}
	return counts
}

// Close closes the edge locations, then the regional one.
func (nw *Network) Close() error {
	var first error
	for _, e := range nw.POPs {
		if err := e.Close(); err != nil && first == nil {
			first = err
		}
	}
	if nw.Regional != nil {
		if err := nw.Regional.Close(); err != nil && first == nil {
			first = err
		}
	}
	return first
}

// Explain says what the edge location that r chooses would do with it.
func (nw *Network) Explain(r *http.Request) (Explanation, error) {
	e, err := nw.choose(r)
	if err != nil {
		return Explanation{}, err
	}
	return e.Explain(r), nil
}
