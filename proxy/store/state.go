package store

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"staleproof/cachepolicy"
)

// Record is an invalidation as it is kept.
type Record struct {
	cachepolicy.Invalidation
	// Scope is which keys it concerns: those that begin with it, as
	// [cachepolicy.Terms.Key] puts a scope before a URL.
	Scope string
	// Effective is when it takes effect here, in cache time: Created, and what it
	// needs to get here.
	Effective time.Time

	// What its sender knows of it: himself, the distribution's id, his reference,
	// the paths as they were sent, and when the last tier has it.
	Sender          string    `json:",omitempty"`
	Distribution    string    `json:",omitempty"`
	CallerReference string    `json:",omitempty"`
	Sent            []string  `json:",omitempty"`
	Completed       time.Time `json:",omitzero"`
}

// Records is the list of invalidations. A mark is a position in it, so it is only
// ever appended to, and what was forgotten is cut off in front.
type Records struct {
	First uint64 // how many were cut off
	List  []Record
}

// state is what is kept behind under a reserved key. It is written anew with each
// invalidation, so it has the youngest ones only, and those before them are in a
// [page].
type state struct {
	Epoch   uint64 // of all values behind
	Records Records
	Before  string `json:",omitempty"` // the name of the page before Records.List
}

// stateKey is no cache key: those do not begin with a line feed.
var stateKey = cachepolicy.KeyOf("\nstate").Hash()

// stateVersion is the version of a state, as [valueVersion] is of other values. Those
// of version 1 had all records. Who knows only that version takes a state for lost,
// and must: part of the list is not the list.
const stateVersion = 2

func newEpoch() uint64 {
	var b [8]byte
	rand.Read(b[:])
	return binary.BigEndian.Uint64(b[:])
}

// readState reports whether there was a state behind. If there was none, or not all
// of its pages, all values behind belong to no known list of invalidations: a new
// epoch begins.
func (s *Store) readState() (known bool, err error) {
	if s.behind == nil {
		s.state.Epoch = newEpoch()
		return false, nil
	}
	if s.journal != nil {
		return s.readJournal()
	}
	if value, ok := s.behind.Get(stateKey); ok {
		head, _, ok := unframe(value, stateVersion)
		if !ok {
			head, _, ok = unframe(value, valueVersion)
		}
		if ok && json.Unmarshal(head, &s.state) == nil {
			if s.found, known = s.history(); known {
				return true, nil
			}
		}
	}
	s.state = state{Epoch: newEpoch()}
	return false, s.writeState()
}

// writeState keeps the state behind. Records that are longer than a page go into one
// first, if that can be kept.
func (s *Store) writeState() error {
	if s.behind == nil {
		return nil
	}
	s.found = nil
	head, err := json.Marshal(&s.state)
	if err == nil && len(head) > pageBytes && s.turn() {
		head, err = json.Marshal(&s.state)
	}
	if err != nil {
		return fmt.Errorf("write list of invalidations: %w", err)
	}
	value := frame(head, 0)
	value[0] = stateVersion
	if !s.keep(stateKey, seal(value)) {
		return fmt.Errorf("write list of invalidations (%d bytes): %w", len(value), errNotKept)
	}
	return nil
}

var errNotKept = errors.New("the store behind memory did not keep it; it may be full, gone, or too small for one value")

// keep writes a value behind and reads it back: the seam swallows errors, and a lost
// invalidation would bring stale responses back to life.
func (s *Store) keep(key string, value []byte) bool {
	s.behind.Set(key, value)
	back, ok := s.behind.Get(key)
	return ok && bytes.Equal(back, value)
}

// LoadInvalidations is the list as it is kept behind: by this Store, by an earlier one
// on the same store behind, or by other programs that share it. With memory alone
// nobody keeps it.
func (s *Store) LoadInvalidations() (Records, error) {
	unlock := s.lockAll()
	defer unlock()
	if s.journal != nil {
		s.read = 0
		list, err := s.catchUp()
		return Records{List: list}, err
	}
	list := s.found
	if s.found = nil; list == nil {
		var whole bool
		if list, whole = s.history(); !whole {
			return Records{}, errors.New("read list of invalidations: a part of it is gone; start again, without what was stored")
		}
	}
	return Records{First: s.state.Records.First, List: list}, nil
}
