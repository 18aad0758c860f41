package browser

import (
	"slices"
	"strconv"
	"sync"

	"github.com/chromedp/cdproto/serviceworker"
)

// Worker is a version of a service worker, as the browser tells of it.
type Worker struct {
	Version int // a later one has a higher number, from 1
	Status  WorkerStatus
}

// WorkerStatus is how far a service worker is.
type WorkerStatus = serviceworker.VersionStatus

// These are the ones that last. The browser tells of others on the way to them.
const (
	Installed = serviceworker.VersionStatusInstalled // it waits
	Activated = serviceworker.VersionStatusActivated
	Redundant = serviceworker.VersionStatusRedundant // it failed, or another has taken its place
)

// workers are the versions of service workers in the profile of a tab: one for each
// installation that was begun.
type workers struct {
	mu      sync.Mutex
	all     []Worker      // oldest first; guarded by mu
	changed chan struct{} // closed with each change, and made anew; guarded by mu
}

func newWorkers() *workers { return &workers{changed: make(chan struct{})} }

// event takes an event in; chromedp wants it not to wait for anything.
func (w *workers) event(ev any) {
	e, ok := ev.(*serviceworker.EventWorkerVersionUpdated)
	if !ok {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, v := range e.Versions {
		n, err := strconv.Atoi(v.VersionID)
		if err != nil {
			continue
		}
		is := Worker{n + 1, v.Status} // the browser begins with 0
		at, known := slices.BinarySearchFunc(w.all, is, func(a, b Worker) int { return a.Version - b.Version })
		if known {
			w.all[at] = is
		} else {
			w.all = slices.Insert(w.all, at, is)
		}
	}
	close(w.changed)
	w.changed = make(chan struct{})
}

// Workers are the service workers of the tab's profile, oldest first, and a channel
// that is closed when the browser tells more of any.
func (t *Tab) Workers() ([]Worker, <-chan struct{}) {
	t.workers.mu.Lock()
	defer t.workers.mu.Unlock()
	return slices.Clone(t.workers.all), t.workers.changed
}

// Newest is the newest of them, of version 0 when there is none.
func (t *Tab) Newest() (Worker, <-chan struct{}) {
	all, changed := t.Workers()
	if len(all) == 0 {
		return Worker{}, changed
	}
	return all[len(all)-1], changed
}

// Update makes the browser look for a newer script of the page's service worker, as it
// does by itself some time after a navigation, and says whether it begins to install one.
// allow is called before the browser looks, and after what there was before is known.
func (t *Tab) Update(allow func()) (found bool, err error) {
	if _, err := t.Run(`navigator.serviceWorker.getRegistration().then(r => { globalThis.newestWorker = () => r.installing ?? r.waiting ?? r.active; globalThis.workerBefore = newestWorker(); globalThis.updateWorker = () => r.update() })`); err != nil {
		return false, err
	}
	allow()
	// The promise is rejected when there is no script, or a wrong one.
	got, err := t.Run(`updateWorker().catch(() => {}).then(() => newestWorker() !== workerBefore)`)
	return got == "true", err
}
