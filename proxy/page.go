package proxy

import (
	"slices"
	"strings"

	"staleproof/cachepolicy"
)

// StoredAfter lists the heads of stored responses that want chooses, sorted by key,
// up to n of those whose keys come after the given one; more says that there are
// others. It looks at everything that memory holds, and takes memory for n.
func (e *Edge) StoredAfter(after string, n int, want func(*cachepolicy.Stored) bool) (page []cachepolicy.Stored, more bool) {
	for r := range e.store.All() {
		s := r.Stored
		if s.Key <= after || !want(s) {
			continue
		}
		if len(page) == n && s.Key > page[n-1].Key {
			more = true
			continue
		}
		i, _ := slices.BinarySearchFunc(page, s.Key, func(p cachepolicy.Stored, key string) int { return strings.Compare(p.Key, key) })
		if len(page) == n {
			page, more = page[:n-1], true
		}
		page = slices.Insert(page, i, *s)
	}
	return page, more
}
