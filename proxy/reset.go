package proxy

import (
	"errors"

	"staleproof/proxy/store"
)

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

// reset ends one era and begins another.
func (e *Edge) reset() error {
	err := e.forget()
	e.books.clear()
	e.tallies.clear()
	e.warnings.clear()
	for _, door := range e.served.Load().doors {
		door.requests.Store(0)
	}
	e.tell(Event{At: e.config.Now(), Kind: Reset, POP: e.config.POP})
	return err
}

// forget drops all that is stored, and the list of invalidations with it, which
// nothing can be older than any more: what was asked for before is not kept or never
// used, wherever it is on its way. For that it takes a position in the list.
//
//	flight: takes mark 3, asks the origin
//	forget: the list begins at 4; the store is cleared
//	flight: finds that its response is from before, stores nothing
//	viewer: begins a flight of his own, with mark 4
func (e *Edge) forget() error {
	e.invalidations.mu.Lock()
	defer e.invalidations.mu.Unlock()
	return e.store.Forget(e.invalidations.forget())
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
