package proxy

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"staleproof/cachepolicy"
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

// Report says what an invalidation did at one edge when it took effect.
type Report struct {
	POP   string
	Items []ItemReport
}

// ItemReport says what one path or tag covered. Covered is empty when it
// matched nothing that was stored, which usually means it was misspelt.
type ItemReport struct {
	Item    string
	Covered []string // keys, sorted
}

// maxItems is how many paths one invalidation may have. [INV-17]
const maxItems = 3000

// Invalidate makes what the items cover unusable from now on, or after
// Config.InvalidationDelay, for one distribution, by id; the empty id means the
// only one there is. What is stored stays where it is and is never used again.
func (e *Edge) Invalidate(distributionID string, items ...string) (cachepolicy.Invalidation, Report, error) {
	inv, err := e.newInvalidation(distributionID, items)
	if err != nil {
		return inv, Report{}, err
	}
	report, err := e.apply(distributionID, inv)
	return inv, report, err
}

func (e *Edge) newInvalidation(distributionID string, items []string) (cachepolicy.Invalidation, error) {
	inv := cachepolicy.Invalidation{ID: "I" + e.ids.hop()[:13], Items: items, Created: e.config.Now()}
	if _, err := e.scope(distributionID); err != nil {
		return inv, err
	}
	switch {
	case len(items) == 0:
		return inv, errors.New("an invalidation needs at least one path")
	case len(items) > maxItems:
		return inv, fmt.Errorf("an invalidation has at most %d paths, not %d", maxItems, len(items))
	}
	for _, item := range items {
		if err := cachepolicy.CheckItem(item); err != nil {
			return inv, err
		}
	}
	return inv, nil
}

// apply appends an invalidation to the list and reports what it covers.
func (e *Edge) apply(distributionID string, inv cachepolicy.Invalidation) (Report, error) {
	scope, err := e.scope(distributionID)
	if err != nil {
		return Report{}, err
	}
	next := effective{Invalidation: inv, Scope: scope, Effective: inv.Created.Add(e.config.InvalidationDelay)}
	report := e.report(&next)
	if err := e.invalidations.append(next, e.keepList()); err != nil {
		return Report{}, err
	}
	if e.config.Observe != nil {
		e.config.Observe(Event{At: e.config.Now(), Kind: Invalidated, POP: e.config.POP, Detail: fmt.Sprint(inv.Items)})
	}
	return report, nil
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

// scope is the start of the keys of a distribution.
func (e *Edge) scope(distributionID string) (string, error) {
	ds := e.config.Distributions
	if distributionID == "" && len(ds) == 1 {
		return ds[0].Domain, nil
	}
	var known []string
	for _, d := range ds {
		if d.ID == distributionID {
			return d.Domain, nil
		}
		known = append(known, d.ID)
	}
	if distributionID == "" {
		return "", fmt.Errorf("there are several distributions, say which: %q", known)
	}
	return "", fmt.Errorf("there is no distribution %s, only %q", distributionID, known)
}

// report lists what each item covers of what may still be used.
func (e *Edge) report(inv *effective) Report {
	r := Report{POP: e.config.POP, Items: make([]ItemReport, len(inv.Items))}
	mark := e.invalidations.mark(e.config.Now())
	for i, item := range inv.Items {
		r.Items[i].Item = item
	}
	for s := range e.store.All() {
		if !inScope(inv, s.Stored.Key) || e.invalidations.cover(s.Stored, mark) {
			continue
		}
		for i, item := range inv.Items {
			if cachepolicy.CoversItem(item, s.Stored) {
				r.Items[i].Covered = append(r.Items[i].Covered, s.Stored.Key)
			}
		}
	}
	for i := range r.Items {
		slices.Sort(r.Items[i].Covered)
	}
	return r
}

// inScope reports whether a key belongs to the distribution an invalidation was
// sent to.
func inScope(inv *effective, key string) bool {
	rest, ok := strings.CutPrefix(strings.TrimPrefix(key, "OPTIONS "), inv.Scope)
	return ok && strings.HasPrefix(rest, " ")
}
