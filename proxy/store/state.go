package store

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
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

// state is what is kept behind under a reserved key.
type state struct {
	Epoch   uint64 // of all values behind
	Records Records
}

// stateKey is no cache key: those do not begin with a line feed.
var stateKey = cachepolicy.KeyOf("\nstate").Hash()

func newEpoch() uint64 {
	var b [8]byte
	rand.Read(b[:])
	return binary.BigEndian.Uint64(b[:])
}

// readState reports whether there was a state behind. If there was none, all
// values behind belong to no known list of invalidations: a new epoch begins.
func (s *Store) readState() (known bool, err error) {
	if s.behind == nil {
		s.state.Epoch = newEpoch()
		return false, nil
	}
	if s.journal != nil {
		return s.readJournal()
	}
	if value, ok := s.behind.Get(stateKey); ok {
		if head, _, ok := unframe(value); ok && json.Unmarshal(head, &s.state) == nil {
			return true, nil
		}
	}
	s.state = state{Epoch: newEpoch()}
	return false, s.writeState()
}

var errNotKept = errors.New("the store behind memory did not keep it; it may be full, gone, or too small for one value")

// writeState reads back what it wrote: the seam swallows errors, and a lost
// invalidation would bring stale responses back to life.
func (s *Store) writeState() error {
	if s.behind == nil {
		return nil
	}
	head, err := json.Marshal(&s.state)
	if err != nil {
		return fmt.Errorf("write list of invalidations: %w", err)
	}
	value := seal(frame(head, 0))
	s.behind.Set(stateKey, value)
	if back, ok := s.behind.Get(stateKey); !ok || !bytes.Equal(back, value) {
		return fmt.Errorf("write list of invalidations (%d bytes): %w", len(value), errNotKept)
	}
	return nil
}

// LoadInvalidations is the list as it was last saved, here, by an earlier Store
// on the same store behind, or by another program that shares it. With memory alone
// nobody keeps it.
func (s *Store) LoadInvalidations() (Records, error) {
	unlock := s.lock("")
	defer unlock()
	r := s.state.Records
	r.List = slices.Clone(r.List)
	return r, nil
}
