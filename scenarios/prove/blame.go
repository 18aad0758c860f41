package prove

import (
	"math/bits"
	"slices"

	"staleproof/cachepolicy"
)

// blame is the assumption that failed in a trace that ends with violation v: the
// one that would have prevented it. For a page older than the one before there
// is none among A1 to A10.
func (m *model) blame(v violation, tr *Trace, all []Assumption) string {
	last := &tr.Events[len(tr.Events)-1]
	broken := func(id string) bool {
		return slices.ContainsFunc(all, func(a Assumption) bool { return a.ID == id && a.Holds == Broken })
	}
	switch v.class() {
	case StalePage:
		return "A8"
	case Flip:
		return ""
	case Torn:
		if last.Coding != "" && !last.Takes.Takes(last.Coding) {
			return "A3"
		}
		return "A10"
	case Missing:
		id, ok := m.reqOf(last.URL, last.Takes)
		switch {
		case m.deploy.CDN.Origin.Fallback && last.Status == 200:
			return "A2"
		case last.Status >= 500:
			return "A9"
		case ok && m.lostSomewhere(id):
			return "A7"
		case broken("A9") && !broken("A6"):
			return "A9" // what it had to find was there in time
		}
		return "A6"
	}
	if broken("A4") && slices.ContainsFunc(tr.Events, func(e Event) bool { return e.Result == string(cachepolicy.RefreshHit) }) {
		return "A4"
	}
	id, _ := m.reqOf(last.URL, last.Takes)
	if v.property() == Binding {
		id = m.reqWithKey(last.Poisoned)
	}
	bound := m.bound(id)
	switch {
	case m.aliased(id):
		return "A3"
	case len(bound) > 1 && m.pagesVersioned():
		return "A5"
	case len(bound) > 1:
		return "A1"
	}
	return "A2"
}

func (m *model) reqWithKey(key string) reqID {
	for _, spec := range m.tiers {
		for id := range m.reqs {
			if spec.rules.keys[spec.rules.key[id]] == key && len(m.bound(reqID(id))) > 0 {
				return reqID(id)
			}
		}
	}
	return 0
}

// aliased reports whether some tier has one key for id and another URL that means
// other bytes.
func (m *model) aliased(id reqID) bool {
	mine := m.bound(id)
	for t, spec := range m.tiers {
		for other := range m.reqs {
			if reqID(other) == id || spec.rules.key[m.atTier(t, reqID(other))] != spec.rules.key[m.atTier(t, id)] {
				continue
			}
			if theirs := m.bound(reqID(other)); len(theirs) > 0 && !slices.Equal(mine, theirs) {
				return true
			}
		}
	}
	return false
}

// pagesVersioned reports whether every URL that pages refer to means one byte
// string: then it is references inside assets that have no version.
func (m *model) pagesVersioned() bool {
	for _, x := range m.bindings {
		if !m.isPageReq(x.req) {
			continue
		}
		for set := m.follow(x.req, x.body); set != 0; set &= set - 1 {
			if len(m.bound(reqID(bits.TrailingZeros64(set)))) > 1 {
				return false
			}
		}
	}
	return true
}

func (m *model) lostSomewhere(id reqID) bool {
	for n := range m.nodes {
		if m.lostAt(n, id) {
			return true
		}
	}
	return false
}

// who is hit: whose view the last event of a trace belongs to.
func who(tr *Trace) string {
	last := &tr.Events[len(tr.Events)-1]
	visitor := last.Actor
	if last.Kind == Landed {
		if len(last.For) == 0 {
			return ""
		}
		visitor = last.For[0]
	}
	if slices.ContainsFunc(tr.Events, func(e Event) bool { return e.Kind == Restored && e.Actor == visitor }) {
		return "back button"
	}
	if slices.ContainsFunc(tr.Events, func(e Event) bool { return e.Visitor.HasWorker() && e.Actor == visitor }) {
		return "visitor with a service worker"
	}
	begun, views, deployed := 0, 0, len(tr.Events)
	for i := range tr.Events {
		switch e := &tr.Events[i]; {
		case e.Kind == Navigated && e.Actor == visitor:
			begun = i
			views++
		case (e.Kind == Deployed || e.Kind == Invalidated) && i < deployed:
			deployed = i
		}
	}
	switch {
	case views == 0:
		return ""
	case views > 1:
		return "returning visitor"
	case last.After:
		return "new visitor"
	case begun < deployed:
		return "old tab"
	}
	return "visitor during the deploy"
}
