package proxy

import (
	"context"
	"errors"
	"fmt"

	"staleproof/cachepolicy"
	"staleproof/proxy/store"
)

// lengthen appends to the list what more returns: all of it, in that order, since a
// mark is a position in it. What other programs sent is entered in the books and
// passed on to the edges that do not share the store. It reports whether the list
// grew.
func (e *Edge) lengthen(more func() ([]store.Record, error)) (grew bool, err error) {
	e.invalidations.mu.Lock()
	defer e.invalidations.mu.Unlock()
	records, err := more()
	if len(records) == 0 {
		return false, err
	}
	kept := e.invalidations.all() // whoever holds the shorter list does not see what comes
	for _, r := range records {
		foreign := r.Sender != e.self
		if foreign {
			r = e.arrived(r)
			e.books.adopt(r)
		}
		kept.List = append(kept.List, r)
		e.tell(Event{At: e.config.Now(), Kind: Invalidated, POP: e.config.POP, Distribution: r.Distribution, Detail: fmt.Sprint(r.Items)})
		if foreign && e.config.others != nil {
			e.config.others.adopt(r)
		}
	}
	e.invalidations.kept.Store(&kept)
	return true, err
}

// arrived is an invalidation that another program sent, or this one in an earlier
// life, with the time at which it takes effect here: a clock that is behind the
// sender's does not wait for his.
func (e *Edge) arrived(r store.Record) store.Record {
	at := r.Created
	if now := e.config.Now(); at.After(now) {
		at = now
	}
	r.Effective = at.Add(e.delay)
	return r
}

// everywhere is the scope of a record with which a version before this one noted that
// all was forgotten.
const everywhere = "*"

// load takes over the list from the store.
func (e *Edge) load() error {
	kept, err := e.store.LoadInvalidations()
	if err != nil {
		return err
	}
	for i := len(kept.List) - 1; i >= 0; i-- {
		if kept.List[i].Scope == everywhere {
			kept.First, kept.List = kept.First+uint64(i)+1, kept.List[i+1:]
			break
		}
	}
	for i, r := range kept.List {
		kept.List[i] = e.arrived(r)
		e.books.adopt(r)
	}
	e.invalidations.kept.Store(&kept)
	return nil
}

// follow obeys what other programs invalidate in the store, until the edge is
// closed. With a store of its own it does nothing.
func (e *Edge) follow() {
	ctx, cancel := context.WithCancel(context.Background())
	e.stopFollowing = cancel
	e.background.Go(func() {
		said := ""
		e.store.WatchInvalidations(ctx, func() {
			_, err := e.lengthen(e.store.MoreInvalidations)
			if err != nil && err.Error() != said {
				e.warn(err)
				if errors.Is(err, store.ErrEpoch) && e.config.others != nil {
					e.config.others.forget()
				}
			}
			said = fmt.Sprint(err)
		})
	})
}

// warn tells of a failure that no request has caused.
func (e *Edge) warn(err error) {
	ev := Event{At: e.config.Now(), Kind: Warned, POP: e.config.POP, Detail: err.Error()}
	if e.config.Warn != nil {
		e.config.Warn(ev)
	}
	e.tell(ev)
}

// beside are the edges of a network that do not have its store: all but the first.
type beside struct{ *Network }

func (o beside) each() []*Edge {
	<-o.made
	return o.Edges()[1:]
}

func (o beside) adopt(r store.Record) {
	for _, e := range o.each() {
		e.adopt(r)
	}
}

func (o beside) forget() {
	for _, e := range o.each() {
		if err := e.forget(); err != nil {
			e.warn(err)
		}
	}
}

// adopt takes over, in an edge that does not share the store, what arrived in the
// one that does.
func (e *Edge) adopt(r store.Record) {
	r = e.arrived(r)
	r.Sender = e.self
	e.lengthen(func() ([]store.Record, error) { return e.store.AppendInvalidation(r) }) // in memory, which does not fail
}

// adopt enters what was sent elsewhere or before. No quota stops it: that was asked
// where it was sent.
func (k *books) adopt(r store.Record) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, known := k.places[r.ID]; known || r.ID == "" {
		return
	}
	p := Progress{
		Invalidation: cachepolicy.Invalidation{ID: r.ID, Items: r.Sent, Created: r.Created},
		Distribution: r.Distribution, CallerReference: r.CallerReference, Completed: r.Completed,
	}
	k.enter(booked{p, r.Scope})
}

// strike takes back an invalidation that was entered and holds nowhere. That is rare:
// the books are written anew.
func (k *books) strike(id string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	entries := k.entries
	k.pages = pages{}
	for _, b := range entries {
		if b.ID != id {
			k.enter(b)
		}
	}
}
