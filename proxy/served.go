package proxy

import (
	"fmt"
	"net/http"
	"reflect"

	"staleproof/proxy/distribution"
)

// served is what an edge serves at one moment, never changed once it is served.
type served struct {
	distributions []*distribution.Distribution
	doors         map[*distribution.Origin]*originDoor
}

// Distributions are those that are served. The slice and what it holds are not to
// be changed.
func (e *Edge) Distributions() []*distribution.Distribution {
	return e.served.Load().distributions
}

// prepare opens the doors to the origins of ds. An origin that has stayed as it
// was keeps its door, with its connections, and one whose settings have changed
// its count of requests.
func (e *Edge) prepare(ds []*distribution.Distribution) (*served, error) {
	next := &served{ds, map[*distribution.Origin]*originDoor{}}
	before := map[string]*originDoor{}
	if old := e.served.Load(); old != nil {
		for _, d := range old.distributions {
			for i := range d.Origins {
				before[d.ID+" "+d.Origins[i].ID] = old.doors[&d.Origins[i]]
			}
		}
	}
	for _, d := range ds {
		for i := range d.Origins {
			o := &d.Origins[i]
			was := before[d.ID+" "+o.ID]
			if was != nil && reflect.DeepEqual(*was.origin, *o) {
				next.doors[o] = was
				continue
			}
			door, err := e.openOrigin(o)
			if err != nil {
				return nil, fmt.Errorf("distribution %s: origin %s: %w", d.ID, o.ID, err)
			}
			if was != nil {
				door.requests.Store(was.requests.Load())
			}
			next.doors[o] = door
		}
	}
	return next, nil
}

// serve puts next in the place of what is served. Doors that lead nowhere any more
// lose their idle connections; what is under way through them goes on.
func (e *Edge) serve(next *served) {
	old := e.served.Swap(next)
	kept := map[*originDoor]bool{}
	for _, door := range next.doors {
		kept[door] = true
	}
	for _, door := range old.doors {
		if idle, ok := door.RoundTripper.(interface{ CloseIdleConnections() }); ok && door.network && !kept[door] {
			idle.CloseIdleConnections()
		}
	}
}

// door is how o is reached. An exchange may have begun with distributions that are
// no longer served; it opens a door of its own.
func (e *Edge) door(o *distribution.Origin) *originDoor {
	if door := e.served.Load().doors[o]; door != nil {
		return door
	}
	door, err := e.openOrigin(o)
	if err != nil { // it was opened before, with the same settings
		return &originDoor{RoundTripper: closedDoor{err}, origin: o}
	}
	return door
}

// closedDoor answers every request with one error.
type closedDoor struct{ err error }

func (d closedDoor) RoundTrip(*http.Request) (*http.Response, error) { return nil, d.err }

// Serve puts ds in the place of the distributions that are served, in all tiers or,
// with an error, in none. What is stored stays and belongs to the distribution with
// the same domain. Requests under way finish with what they began with.
func (nw *Network) Serve(ds []*distribution.Distribution) error {
	nw.mu.Lock()
	defer nw.mu.Unlock()
	edges := nw.Edges()
	next := make([]*served, len(edges))
	for i, e := range edges {
		var err error
		if next[i], err = e.prepare(ds); err != nil {
			return err
		}
	}
	for i, e := range edges { // the regional one first: it knows what the others will ask for
		e.serve(next[i])
	}
	return nil
}

// Distributions are those that are served. The slice and what it holds are not to
// be changed.
func (nw *Network) Distributions() []*distribution.Distribution { return nw.POPs[0].Distributions() }
