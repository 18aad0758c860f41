package replay

import (
	"fmt"
	"slices"
	"strings"

	"staleproof/scenarios/prove"
)

// Answer is what a visitor was given.
type Answer struct {
	Visitor string `json:"visitor"`
	Status  int    `json:"status,omitempty"`
	Body    string `json:"body,omitempty"`   // identity of the bytes; "" with an error
	Builds  []int  `json:"builds,omitempty"` // that the bytes belong to
	Coding  string `json:"coding,omitempty"` // content coding that they came in: "br", "gzip"
	// From says who gave it: the visitor's own browser, a cache, or the servers.
	// "flight": it is still under way. "" where nobody looked.
	From   string `json:"from,omitempty"`
	Result string `json:"result,omitempty"` // X-Cache: Hit, Miss, …
	// Worker is what became of his service worker, as in [prove.Event]; "" where nothing
	// did, or the level goes by what the trace says.
	Worker string `json:"worker,omitempty"`
}

// Who gives an answer.
const (
	fromBrowser = "browser"
	fromCache   = "cache"
	fromServers = "servers"
	fromFlight  = "flight"
)

// String is an answer in a few words.
func (a Answer) String() string {
	if a.From == fromFlight {
		return "under way"
	}
	text := fmt.Sprint(a.Status)
	switch {
	case len(a.Builds) == 1:
		text += fmt.Sprintf(" build %d", a.Builds[0])
	case len(a.Builds) > 1:
		text += " builds " + strings.Trim(fmt.Sprint(a.Builds), "[]")
	case a.Status == 200:
		text += " no build's"
	}
	if a.Coding != "" {
		text += " as " + a.Coding
	}
	if a.From != "" {
		text += " from " + a.From
	}
	if a.Worker != "" {
		text += ", worker " + a.Worker
	}
	return text
}

// Told is what an event of a trace says that visitors were given.
func Told(e *prove.Event) []Answer {
	a := Answer{Visitor: e.Actor, Status: e.Status, Body: e.Body, Builds: e.Builds, Coding: e.Coding, Result: e.Result, Worker: e.Worker}
	switch e.Kind {
	case prove.Navigated, prove.Requested, prove.WorkerChecked, prove.WorkerFetched:
		switch {
		case underWay(e):
			return []Answer{{Visitor: e.Actor, From: fromFlight}}
		case e.From == "origin":
			a.From = fromServers
		case e.From == "browser":
			a.From = fromBrowser
		default:
			a.From = fromCache
		}
		return []Answer{a}
	case prove.Landed:
		var all []Answer
		for _, name := range e.For {
			a.Visitor = name
			all = append(all, a)
		}
		return all
	}
	return nil
}

// differ says in what answers are not those wanted.
func differ(want, got []Answer) error {
	for _, w := range want {
		i := slices.IndexFunc(got, func(a Answer) bool { return a.Visitor == w.Visitor })
		if i < 0 {
			return fmt.Errorf("%s has no answer, and should have %s", w.Visitor, w)
		}
		if g := got[i]; g.Status != w.Status || g.Body != w.Body || g.Coding != w.Coding || g.From != w.From || g.Worker != "" && g.Worker != w.Worker {
			return fmt.Errorf("%s was given %s, and not %s", w.Visitor, g, w)
		}
	}
	if len(got) > len(want) {
		return fmt.Errorf("%s was given %s, and should still be waiting", got[0].Visitor, got[0])
	}
	return nil
}
