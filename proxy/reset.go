package proxy

import (
	"errors"

	"staleproof/cachepolicy"
	"staleproof/proxy/store"
)

// everywhere is the scope of a record that concerns the keys of all distributions.
const everywhere = "*"

// Reset forgets, in all tiers, what is stored, the invalidations, those under way
// included, and the counts. What is under way at an origin is not stored when it
// comes. The clock, the distributions and the listeners stay. A store that other
// programs use is not reset: that is an error, and nothing is.
func (nw *Network) Reset() error {
	edges := nw.Edges()
	for _, e := range edges {
		if _, shared := e.config.Store.(store.Journal); shared {
			return errors.New("other programs use this store, too; invalidate /* instead")
		}
	}
	var first error
	for _, e := range edges { // the regional one first, as with invalidations
		if err := e.reset(); err != nil && first == nil {
			first = err
		}
	}
	return first
}

// reset ends one era and begins another. The list of invalidations is not cut, for
// a mark is a position in it: a record that covers everything ends it instead.
// Responses that are asked for before it are not kept or never used, wherever they
// are on their way, and invalidations before it concern nothing any more:
//
//	flight: takes mark 3, asks the origin
//	reset:  record 4 covers everything; the store is cleared
//	flight: finds that an invalidation after mark 3 covers its response, stores nothing
//	viewer: begins a flight of his own, with mark 4
func (e *Edge) reset() error {
	now := e.config.Now()
	end := store.Record{
		Invalidation: cachepolicy.Invalidation{Items: []string{"*"}, Created: now}, Scope: everywhere, Effective: now, Sender: e.self,
	}
	_, err := e.lengthen(func() ([]store.Record, error) { return e.store.AppendInvalidation(end) })
	if e := e.store.Forget(); err == nil {
		err = e
	}
	e.books.clear()
	e.tallies.clear()
	e.warnings.clear()
	for _, door := range e.served.Load().doors {
		door.requests.Store(0)
	}
	e.tell(Event{At: now, Kind: Reset, POP: e.config.POP})
	return err
}

func (k *books) clear() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.pages = pages{}
}

func (w *warnings) clear() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.said = nil
}

// StoredBytes is how much memory stored responses take, as counted.
func (e *Edge) StoredBytes() int64 { return e.store.UsedBytes() }
