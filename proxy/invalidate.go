package proxy

import (
	"cmp"
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
// its origin request; the younger ones concern it. Where the list was forgotten, and
// all that was stored with it, it goes on from there.
type invalidations struct {
	mu   sync.Mutex
	kept atomic.Pointer[store.Records] // replaced, never changed; written under mu
}

// effective is an invalidation with the scope of the keys it concerns and when it
// takes effect here.
type effective = store.Record

func (v *invalidations) all() store.Records {
	if r := v.kept.Load(); r != nil {
		return *r
	}
	return store.Records{}
}

// forget ends the list and begins another, whose first position is none that anything
// has as its mark. It needs mu.
func (v *invalidations) forget() (first uint64) {
	r := v.all()
	first = r.First + uint64(len(r.List)) + 1
	v.kept.Store(&store.Records{First: first})
	return first
}

// mark is how many invalidations have taken effect at now. They take effect in
// the order they were sent, so the list is searched from its end, where with no
// delay the answer is.
func (v *invalidations) mark(now time.Time) uint64 {
	r := v.all()
	n := len(r.List)
	for n > 0 && r.List[n-1].Effective.After(now) {
		n--
	}
	return r.First + uint64(n)
}

// cover reports whether one of the invalidations after the response's mark, up to
// mark, covers it. In the common case that is one comparison.
func (v *invalidations) cover(s *cachepolicy.Stored, mark uint64) bool {
	return v.coverSince(s, s.Mark, mark)
}

// coverNow is cover for what memory keeps. Each invalidation is looked at once for
// each stored response, so that a hit costs the same however many there are.
func (v *invalidations) coverNow(r *store.Response, mark uint64) bool {
	from := r.Spared()
	if from >= mark {
		return false
	}
	if v.coverSince(r.Stored, from, mark) {
		return true
	}
	r.Spare(mark)
	return false
}

func (v *invalidations) coverSince(s *cachepolicy.Stored, from, mark uint64) bool {
	if from >= mark {
		return false
	}
	r := v.all()
	if from < r.First { // from before all was forgotten
		return true
	}
	for i := from - r.First; i < mark-r.First; i++ {
		if inScope(&r.List[i], s.Key) && r.List[i].Covers(s) {
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
	p, begun, err := books.books.open(d, b, "I"+strings.ToUpper(books.ids.hop()[:13]), now, completed)
	if err != nil || !begun {
		return p, err
	}
	for i, e := range edges {
		held, notKept := e.apply(d, p)
		if i == 0 && !held { // a shared store did not take it, so it holds nowhere
			books.books.strike(p.ID)
			return Progress{}, notKept
		}
		err = cmp.Or(err, notKept)
	}
	return p, err
}

// apply appends an invalidation to the list of this edge. The error says what became
// of keeping it; held, whether it holds here all the same.
func (e *Edge) apply(d *distribution.Distribution, p Progress) (held bool, err error) {
	next := effective{
		Invalidation: p.Invalidation, Scope: d.Domain, Effective: p.Created.Add(e.delay),
		Sender: e.self, Distribution: d.ID, CallerReference: p.CallerReference, Sent: p.Items, Completed: p.Completed,
	}
	next.Items, next.EncodedTilde = rooted(d, p.Items), d.Emulation.EncodedTildeInvalidates
	return e.lengthen(func() ([]store.Record, error) { return e.store.AppendInvalidation(next) })
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
