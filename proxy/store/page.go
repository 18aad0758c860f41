package store

import (
	"encoding/json"
	"slices"

	"staleproof/cachepolicy"
)

// page is a part of the list of invalidations as it is kept behind, beside the state:
// so what one more costs does not depend on how many there are. It is named by what
// it says. So it never changes, a program that is killed before the state names it
// has written nothing that counts, and two that write at once each keep their own.
type page struct {
	Before string `json:",omitempty"` // the name of the page before; "": it is the first
	List   []Record
}

// pageVersion is the version of a page, as [valueVersion] is of other values.
const pageVersion = 3

// pageBytes is the length from which on a state is cut: about 45 invalidations of one
// path each.
const pageBytes = 16 << 10

// pageName is the key of a page. It is no cache key, as stateKey is none.
func pageName(head []byte) string { return cachepolicy.KeyOf("\npage\n" + string(head)).Hash() }

// turn puts the records of the state into a page. If that is not kept, the state stays
// as it was, which is only longer.
func (s *Store) turn() bool {
	head, err := json.Marshal(page{s.state.Before, s.state.Records.List})
	if err != nil {
		return false
	}
	name, value := pageName(head), frame(head, 0)
	value[0] = pageVersion
	if !s.keep(name, seal(value)) {
		return false
	}
	s.state.Before, s.state.Records.List = name, nil
	return true
}

// page reads a page. Not ok: it is lost, or is not what it was.
func (s *Store) page(name string) (p page, ok bool) {
	value, _ := s.behind.Get(name)
	head, _, ok := unframe(value, pageVersion)
	ok = ok && pageName(head) == name && json.Unmarshal(head, &p) == nil
	return p, ok
}

// history is the list of all pages and the state. Not whole: a page is lost.
func (s *Store) history() (list []Record, whole bool) {
	parts := [][]Record{s.state.Records.List}
	for name := s.state.Before; name != ""; {
		p, ok := s.page(name)
		if !ok {
			return nil, false
		}
		parts, name = append(parts, p.List), p.Before
	}
	slices.Reverse(parts)
	return slices.Concat(parts...), true
}

// burn removes a page and all before it, which no state names any more.
func (s *Store) burn(name string) {
	for name != "" {
		p, _ := s.page(name)
		s.behind.Delete(name)
		name = p.Before
	}
}
