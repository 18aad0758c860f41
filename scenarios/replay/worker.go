package replay

import (
	"context"
	"fmt"

	"staleproof/scenarios/prove"
)

// worker is the service worker of a visitor: the files of one release that it answers
// with, and those of a newer one that it is given by the network. Which release is
// installed when is what the trace says; the bytes are those that came.
type worker struct {
	active, next map[string]Answer // by URL
	waits        bool              // next is whole, and takes over when a page is opened
	release      int               // that next is of, from 1; 0: none
	script       bool              // it is the script that was asked for last
}

// workerOf is the service worker of an event's visitor, who has one of release 1 at
// first; nil: he has none.
func (st *stage) workerOf(e *prove.Event) *worker {
	if w := st.workers[e.Actor]; w != nil || !e.Visitor.HasWorker() {
		return w
	}
	w := &worker{active: map[string]Answer{}, next: map[string]Answer{}}
	for url, id := range st.manifests[0] {
		w.active[url] = Answer{Status: 200, Body: id, Builds: st.bodies.byID[id].builds}
	}
	st.workers[e.Actor] = w
	return w
}

// serve lets a worker answer a request that it has the file for, and says whether
// it did.
func (st *stage) serve(ctx context.Context, e *prove.Event) (got []Answer, served bool, err error) {
	if !e.Visitor.HasWorker() {
		return nil, false, nil
	}
	if own, err := st.installs(ctx, e); own || err != nil {
		return nil, false, err
	}
	w := st.workerOf(e)
	if w.waits && e.Kind == prove.Navigated {
		st.take(w)
	}
	a, ok := w.active[e.URL]
	a.Visitor, a.From = e.Actor, fromBrowser
	return []Answer{a}, ok, nil
}

// installs reports whether the browser of an event's visitor has a service worker of its
// own, of which nothing is made up here.
func (st *stage) installs(ctx context.Context, e *prove.Event) (bool, error) {
	v, err := st.who(ctx, e) // a level may have no such visitor
	if err != nil {
		return false, err
	}
	own, ok := v.(installer)
	return ok && own.installs(), nil
}

// install lets the browser of a visitor ask for what a service worker needs.
func (st *stage) install(ctx context.Context, e *prove.Event) ([]Answer, error) {
	if !e.Visitor.HasWorker() {
		return nil, fmt.Errorf("%s has no service worker", e.Actor)
	}
	if own, err := st.installs(ctx, e); err != nil {
		return nil, err
	} else if own {
		return st.ask(ctx, e)
	}
	w := st.workerOf(e)
	w.script = e.Kind == prove.WorkerChecked
	got, err := st.ask(ctx, e)
	if err == nil && !underWay(e) {
		st.installed(e, got)
	}
	return got, err
}

// installed notes what came for a worker, at once or late.
func (st *stage) installed(e *prove.Event, got []Answer) {
	for _, a := range got {
		w := st.workers[a.Visitor]
		if w == nil || e.Worker == "" {
			continue
		}
		switch {
		case w.script && a.Status == 200 && len(a.Builds) > 0 && e.Worker != prove.WorkerKept:
			w.next, w.waits, w.release = map[string]Answer{}, false, a.Builds[0]
		case !w.script && a.Status == 200:
			a.Coding = "" // a worker is given, and keeps, what was decompressed
			w.next[e.URL] = a
		}
		switch e.Worker {
		case prove.WorkerRefused:
			w.next, w.waits = map[string]Answer{}, false
		case prove.WorkerWaits:
			w.waits = true
		case prove.WorkerActive:
			st.take(w)
		}
	}
}

// take makes the newer release the one that answers. What did not change was kept, and
// what it does not have any more is gone.
func (st *stage) take(w *worker) {
	if w.release == 0 {
		return // a trace that somebody wrote: nothing was begun
	}
	files := map[string]Answer{}
	for url := range st.manifests[w.release-1] {
		if a, ok := w.active[url]; ok {
			files[url] = a
		}
		if a, ok := w.next[url]; ok {
			files[url] = a
		}
	}
	w.active, w.next, w.waits, w.release = files, map[string]Answer{}, false, 0
}
