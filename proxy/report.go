package proxy

import (
	"crypto/sha256"
	"io"
	"slices"
	"strings"

	"staleproof/cachepolicy"
	"staleproof/proxy/store"
)

// Report says what an invalidation covers at one edge, of what is stored there:
// what has been replaced since is no longer there to be counted.
type Report struct {
	POP   string
	Items []ItemReport
	// Twins are stored responses that stay usable and have the same bytes as one
	// that was covered: the same object under another key.
	Twins []Twin
}

// ItemReport says what one path or tag covered. Covered is empty when it
// matched nothing that was stored, which usually means it was misspelt.
type ItemReport struct {
	Item    string
	Covered []string // keys, sorted
}

// Twin is a key that still holds the bytes of a covered one.
type Twin struct {
	Key    string
	SameAs string // the covered key
}

// Report tells what an invalidation covers here. It looks at everything stored.
func (e *Edge) Report(id string) (Report, error) {
	kept := e.invalidations.all()
	i := slices.IndexFunc(kept.List, func(r effective) bool { return r.ID == id })
	if i < 0 {
		return Report{}, noSuchInvalidation(id)
	}
	inv, at := &kept.List[i], kept.First+uint64(i)
	items := inv.Items
	if p, err := e.Progress(id); err == nil {
		items = p.Items // as they were sent
	}
	r := Report{POP: e.config.POP, Items: make([]ItemReport, len(items))}
	for i, item := range items {
		r.Items[i].Item = item
	}
	var covered, usable []*store.Response
	for s := range e.store.All() {
		switch {
		case e.invalidations.cover(s.Stored, at): // an earlier one had it
		case s.Stored.Mark <= at && inScope(inv, s.Stored.Key) && r.cover(&inv.Invalidation, s.Stored):
			covered = append(covered, s)
		case !e.invalidations.cover(s.Stored, e.invalidations.mark(e.config.Now())):
			usable = append(usable, s)
		}
	}
	for i := range r.Items {
		slices.Sort(r.Items[i].Covered)
	}
	r.Twins = twins(covered, usable)
	return r, nil
}

// cover enters s with the items that cover it, and reports whether one does.
func (r *Report) cover(inv *cachepolicy.Invalidation, s *cachepolicy.Stored) bool {
	any := false
	for i, item := range inv.Items {
		if inv.CoversItem(item, s) {
			r.Items[i].Covered = append(r.Items[i].Covered, s.Key)
			any = true
		}
	}
	return any
}

// twins finds usable responses with the bytes of a covered one. Only those of the
// same length are read; empty ones are no twins of anybody.
func twins(covered, usable []*store.Response) []Twin {
	byLength := map[int64]map[[sha256.Size]byte]string{}
	for _, c := range covered {
		n := c.Body.Len()
		if sum, ok := hash(c.Body); ok && n > 0 {
			if byLength[n] == nil {
				byLength[n] = map[[sha256.Size]byte]string{}
			}
			if key, ok := byLength[n][sum]; !ok || c.Stored.Key < key {
				byLength[n][sum] = c.Stored.Key
			}
		}
	}
	var found []Twin
	for _, u := range usable {
		sums := byLength[u.Body.Len()]
		if sums == nil {
			continue
		}
		if sum, ok := hash(u.Body); ok && sums[sum] != "" {
			found = append(found, Twin{u.Stored.Key, sums[sum]})
		}
	}
	slices.SortFunc(found, func(a, b Twin) int { return strings.Compare(a.Key, b.Key) })
	return found
}

// hash is the body's SHA-256; not ok: it could not be read.
func hash(b store.Body) (sum [sha256.Size]byte, ok bool) {
	r, err := b.Open()
	if err != nil {
		return sum, false
	}
	defer r.Close()
	h := sha256.New()
	if _, err := io.Copy(h, r); err != nil {
		return sum, false
	}
	return [sha256.Size]byte(h.Sum(nil)), true
}
