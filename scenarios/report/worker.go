package report

import (
	"fmt"

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
	l.Text += w.answer(e, what, near) + w.kept(e) + became(e.Worker)
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
