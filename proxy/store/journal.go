package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
)

// Journal is what a store that several programs use at once does besides keeping
// values: it holds one list of records, in one order for everybody. The list
// belongs to an epoch. Where it is lost, another epoch begins.
type Journal interface {
	// Begin is the epoch of the list. Without a list it begins one, of this epoch.
	Begin(epoch uint64) (uint64, error)
	// Append adds a record to the list of that epoch. When it returns nil, every
	// later After of any program has the record.
	Append(epoch uint64, record []byte) error
	// After is all but the first n records of that epoch.
	After(epoch uint64, n int) ([][]byte, error)
	// Watch calls changed soon after somebody has appended, and now and then
	// without reason, one call at a time, until ctx ends.
	Watch(ctx context.Context, changed func())
}

// ErrEpoch is the error of a [Journal] whose list belongs to another epoch. Nobody
// here learns any more what other programs invalidate, so the Store that sees it
// forgets what it has and goes on with memory alone.
var ErrEpoch = errors.New("the shared list of invalidations was lost, or begun anew by another program; start this one again to share it")

// AppendInvalidation keeps r behind memory. It returns what the list of
// invalidations is longer by, r last: before it stands what other programs have
// appended meanwhile, since a mark is a position in a list that all have in common.
//
// When a store of one program does not keep r, r holds nevertheless, here alone, and
// so it does when the shared list was lost; the error says so. What a shared store
// does not take for any other reason holds nowhere.
func (s *Store) AppendInvalidation(r Record) ([]Record, error) {
	unlock := s.lockAll()
	defer unlock()
	if s.behind == nil {
		return []Record{r}, nil // whoever asks keeps the list
	}
	if s.journal == nil {
		s.state.Records.List = append(s.state.Records.List, r)
		return []Record{r}, s.writeState()
	}
	b, err := json.Marshal(&r)
	if err != nil {
		return nil, fmt.Errorf("write an invalidation: %w", err)
	}
	if err := s.journal.Append(s.state.Epoch, b); err != nil && !errors.Is(err, ErrEpoch) {
		return nil, fmt.Errorf("share an invalidation: %w", err)
	}
	more, err := s.catchUp()
	if s.cut {
		more = append(more, r)
	}
	return more, err
}

// MoreInvalidations is what other programs have appended to the list since it was
// last read here.
func (s *Store) MoreInvalidations() ([]Record, error) {
	if s.journal == nil {
		return nil, nil
	}
	unlock := s.lockAll()
	defer unlock()
	return s.catchUp()
}

// WatchInvalidations calls changed when MoreInvalidations may have some, until ctx
// ends. With a store that is not shared it returns at once.
func (s *Store) WatchInvalidations(ctx context.Context, changed func()) {
	if s.journal != nil {
		s.journal.Watch(ctx, changed)
	}
}

// catchUp reads what the journal has more than was read here. It needs all locks.
func (s *Store) catchUp() ([]Record, error) {
	more, err := s.journal.After(s.state.Epoch, s.read)
	if errors.Is(err, ErrEpoch) && !s.cut {
		s.cut = true
		s.memory.Clear()
		s.shelf.clear()
	}
	if err != nil {
		return nil, fmt.Errorf("read the shared list of invalidations: %w", err)
	}
	list := make([]Record, len(more))
	for i, b := range more {
		if err := json.Unmarshal(b, &list[i]); err != nil {
			return nil, fmt.Errorf("read the shared list of invalidations: record %d: %w", s.read+i+1, err)
		}
	}
	s.read += len(list)
	return list, nil
}

// readJournal joins those who share a list, or begins one.
func (s *Store) readJournal() (known bool, err error) {
	begun := newEpoch()
	if s.state.Epoch, err = s.journal.Begin(begun); err != nil {
		return false, fmt.Errorf("begin the shared list of invalidations: %w", err)
	}
	return s.state.Epoch != begun, nil
}
