package report

import (
	"fmt"
	"slices"

	"staleproof/scenarios/prove"
)

// worker tells what a browser does for a service worker.
func (w *teller) worker(l *line, e prove.Event) {
	who, what := visitor(e.Actor), thing(e.Asset, e.URL)
	if e.Kind == prove.WorkerChecked {
		what = "the script of the service worker"
		l.Text = fmt.Sprintf("%s’s browser looks whether there is a new service worker. The script comes with the page, %s. ", who, asked(e))
	} else {
		l.Text = fmt.Sprintf("%s’s new service worker fetches %s, %s. ", who, what, asked(e))
	}
	near := w.nearest(e)
	way := w.way(e, near)
	way[0] = e.Actor + " browser"
	l.Hops = w.path(*l, e, way)
	if w.pages[e.URL] { // told as one
		e.Kind = prove.Navigated
	}
	l.Text += w.answer(e, what, near) + w.kept(e)
	if w.mistaken(e, e.Actor) {
		l.Text += fmt.Sprintf(" It is not of release %d, and nobody compares.", w.crew[e.Actor].release)
	}
	l.Text += became(e.Worker)
}

// crew is what a trace has told of a visitor's service worker.
type crew struct {
	release int             // that is being installed, from 1; 0: none was
	errand  prove.EventKind // that the answer under way is for
	waits   bool            // what was installed takes over when a page is opened
	under   bool            // it took over under the page that is open
}

// mistaken reports whether a file that came for the service worker of a visitor, and is
// kept, is not of the release that is being installed.
func (w *teller) mistaken(e prove.Event, who string) bool {
	c := w.crew[who]
	return c != nil && c.release > 0 && c.errand == prove.WorkerFetched && e.Worker != "" && e.Worker != prove.WorkerRefused && !slices.Contains(e.Builds, c.release)
}

// sees notes the service worker of whoever does something.
func (w *teller) sees(e prove.Event) {
	if !e.Visitor.HasWorker() {
		return
	}
	c := w.crew[e.Actor]
	if c == nil {
		c = &crew{}
		w.crew[e.Actor] = c
	}
	c.errand = e.Kind
}

// precache follows what service workers keep that they should not: the rest is what
// their release has, and need not be told.
func (w *teller) precache(e prove.Event) {
	who := []string{e.Actor}
	if e.Kind == prove.Landed {
		who = e.For
	}
	for _, name := range who {
		c := w.crew[name]
		if c == nil {
			continue
		}
		now, coming := visitor(name)+"’s service worker", visitor(name)+"’s new service worker"
		if e.Kind == prove.Navigated {
			if c.waits {
				w.takeOver(now, coming)
			}
			c.waits, c.under = false, false
		}
		if e.Worker == "" {
			continue
		}
		switch {
		case c.errand == prove.WorkerChecked && e.Worker != prove.WorkerKept && len(e.Builds) > 0:
			c.release = e.Builds[0]
			w.forget(func(h holding) bool { return h.Cache == coming })
		case w.mistaken(e, name):
			w.forget(func(h holding) bool { return h.Cache == coming && h.URL == e.URL })
			w.holds = append(w.holds, holding{Tier: "worker", Cache: coming, URL: e.URL, Builds: label(e), New: true, Bad: true})
		}
		switch e.Worker {
		case prove.WorkerRefused:
			w.forget(func(h holding) bool { return h.Cache == coming })
		case prove.WorkerWaits:
			c.waits = true
		case prove.WorkerActive:
			c.under = true
			w.takeOver(now, coming)
		}
	}
}

// takeOver makes what a new service worker keeps what the service worker keeps.
func (w *teller) takeOver(now, coming string) {
	w.forget(func(h holding) bool { return h.Cache == now })
	for i := range w.holds {
		if w.holds[i].Cache == coming {
			w.holds[i].Cache = now
		}
	}
}

// became says what became of a service worker.
func became(worker string) string {
	switch worker {
	case prove.WorkerKept:
		return " Nothing new: the service worker stays as it is."
	case prove.WorkerWaits:
		return " Now the new service worker has everything. It takes over when a page is opened next."
	case prove.WorkerActive:
		return " Now the new service worker has everything, and takes over at once, whatever page is open."
	case prove.WorkerRefused:
		return " That is not what its list says, so it is not installed, and the old one goes on."
	}
	return ""
}
