package proxy

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"staleproof/cachepolicy"
	"staleproof/proxy/distribution"
	"staleproof/proxy/store"
)

// invalidations is an append-only list. A mark is a position in it: how many
// invalidations had taken effect. A stored response carries the mark from before
// its origin request; the younger ones concern it.
type invalidations struct {
	mu   sync.Mutex
	list atomic.Pointer[[]effective] // only ever appended to; written under mu
}

// effective is an invalidation with the scope of the keys it concerns and when it
// takes effect here.
type effective = store.Record

func (v *invalidations) all() []effective {
	if l := v.list.Load(); l != nil {
		return *l
	}
	return nil
}

// mark is how many invalidations have taken effect at now. They take effect in
// the order they were sent, so the list is searched from its end, where with no
// delay the answer is.
func (v *invalidations) mark(now time.Time) uint64 {
	list := v.all()
	n := len(list)
	for n > 0 && list[n-1].Effective.After(now) {
		n--
	}
	return uint64(n)
}

// cover reports whether one of the invalidations after the response's mark, up to
// mark, covers it. In the common case that is one comparison.
func (v *invalidations) cover(s *cachepolicy.Stored, mark uint64) bool {
	if s.Mark >= mark {
		return false
	}
	list := v.all()
	for i := s.Mark; i < mark; i++ {
		if inScope(&list[i], s.Key) && list[i].Covers(s) {
			return true
		}
	}
	return false
}

// Invalidate makes what the items cover unusable from now on, or after
// Config.InvalidationDelay, for one distribution, by id; the empty id means the
// only one there is. What is stored stays where it is and is never used again. The
// report looks at everything stored; [Edge.Send] does not.
func (e *Edge) Invalidate(distributionID string, items ...string) (cachepolicy.Invalidation, Report, error) {
	p, err := e.Send(Batch{Distribution: distributionID, Items: items})
	if err != nil {
		return p.Invalidation, Report{}, err
	}
	r, err := e.Report(p.ID)
	return p.Invalidation, r, err
}

// Send begins an invalidation. Its cost does not depend on how much is stored.
func (e *Edge) Send(b Batch) (Progress, error) { return send([]*Edge{e}, b) }

// send begins an invalidation at all edges, in their order. The first one keeps
// the books.
func send(edges []*Edge, b Batch) (Progress, error) {
	books := edges[0]
	d, err := books.named(b.Distribution)
	if err != nil {
		return Progress{}, err
	}
	now := books.config.Now()
	completed := now
	for _, e := range edges {
		if t := now.Add(e.delay); t.After(completed) {
			completed = t
		}
	}
	p, begun, err := books.books.open(d, b, "I"+books.ids.hop()[:13], now, completed)
	if err != nil || !begun {
		return p, err
	}
	for _, e := range edges {
		if err := e.apply(d, p.Invalidation); err != nil {
			return p, err
		}
	}
	return p, nil
}

// apply appends an invalidation to the list of this edge.
func (e *Edge) apply(d *distribution.Distribution, inv cachepolicy.Invalidation) error {
	inv.Items, inv.EncodedTilde = rooted(d, inv.Items), d.Emulation.EncodedTildeInvalidates
	next := effective{Invalidation: inv, Scope: d.Domain, Effective: inv.Created.Add(e.delay)}
	if err := e.invalidations.append(next, e.keepList()); err != nil {
		return err
	}
	if e.config.Observe != nil {
		e.config.Observe(Event{At: e.config.Now(), Kind: Invalidated, POP: e.config.POP, Detail: fmt.Sprint(inv.Items)})
	}
	return nil
}

// rooted puts the default root object in the place of /, which is the same entry.
// [INV-09], unknown 17
func rooted(d *distribution.Distribution, items []string) []string {
	if d.DefaultRootObject == "" || d.Emulation.RootInvalidatedByName || !slices.Contains(items, "/") {
		return items
	}
	items = slices.Clone(items)
	for i, item := range items {
		if item == "/" {
			items[i] = "/" + d.DefaultRootObject
		}
	}
	return items
}

// append adds to the list and keeps it where the store's other responses are kept.
func (v *invalidations) append(next effective, keep func(store.Records) error) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	list := append(v.all(), next) // whoever holds the shorter slice does not see it
	v.list.Store(&list)
	return keep(store.Records{List: list})
}

// keepList keeps the list behind the memory, if there is a store; without one it
// need not outlive this edge.
func (e *Edge) keepList() func(store.Records) error {
	if e.config.Store == nil {
		return func(store.Records) error { return nil }
	}
	return e.store.SaveInvalidations
}

// load takes over the list that an earlier edge kept in the store.
func (v *invalidations) load(s *store.Store) error {
	r, err := s.LoadInvalidations()
	if err != nil {
		return err
	}
	v.list.Store(&r.List)
	return nil
}

// named is the distribution with that id; the empty id means the only one there is.
func (e *Edge) named(distributionID string) (*distribution.Distribution, error) {
	ds := e.Distributions()
	if distributionID == "" && len(ds) == 1 {
		return ds[0], nil
	}
	if len(ds) == 0 {
		return nil, errors.New("no distribution is served")
	}
	var known []string
	for _, d := range ds {
		if d.ID == distributionID {
			return d, nil
		}
		known = append(known, d.ID)
	}
	if distributionID == "" {
		return nil, fmt.Errorf("there are several distributions, say which: %q", known)
	}
	return nil, &APIError{http.StatusNotFound, "NoSuchDistribution", fmt.Sprintf("there is no distribution %s, only %q", distributionID, known)}
}

// inScope reports whether a key belongs to the distribution an invalidation was
// sent to.
func inScope(inv *effective, key string) bool {
	rest, ok := strings.CutPrefix(strings.TrimPrefix(key, "OPTIONS "), inv.Scope)
	return ok && strings.HasPrefix(rest, " ")
}
