package replay

import (
	"slices"

	"staleproof/scenarios/prove"
)

// judge says what is wrong with what visitors are given, from the bytes alone, as
// docs/STRATEGIES.md section 1 has it.
type judge struct {
	story   *Story
	bodies  *bodies
	servers *prove.Servers
	views   map[string]*view
	pages   map[string]string // by visitor: the URL of the page he is on
}

// view is what a visitor was given since he came to the page he is on.
type view struct {
	doc, all []int // builds that explain it: with the document, and the assets alone
	seen     []int // builds of his newest document before
	waits    bool  // for the document
}

// look judges an answer to one who takes some encodings. after: the view began when the
// deploy had ended. final are the builds of the page that all servers give in the end,
// none if they differ.
func (j *judge) look(kind prove.EventKind, a Answer, takes prove.Encodings, after bool, final []int) []prove.Breach {
	v := j.views[a.Visitor]
	if v == nil {
		v = &view{}
		j.views[a.Visitor] = v
	}
	page, unreadable := j.bodies.byID[a.Body].page, a.Coding != "" && !takes.Takes(a.Coding)
	breach := func(p prove.Property, c prove.Class) []prove.Breach {
		return []prove.Breach{{Property: p, Class: c, Sticky: after}}
	}
	const s1 = prove.ViewConsistency
	if kind == prove.Navigated {
		seen := v.seen
		*v = view{doc: a.Builds, seen: seen}
		switch {
		case a.Status != 200:
			return append(breach(s1, prove.Missing), breach(prove.Retention, prove.Missing)...)
		case len(a.Builds) == 0 || unreadable:
			v.doc = nil
			return breach(s1, prove.Torn)
		}
		if len(seen) == 0 || a.Builds[0] > seen[0] {
			v.seen = a.Builds
		}
		var found []prove.Breach
		if after && len(final) > 0 && !meet(a.Builds, final) {
			found = breach(prove.Freshness, prove.StalePage)
		}
		if len(seen) > 0 && last(a.Builds) < seen[0] {
			found = append(found, breach(prove.Monotone, prove.Flip)...)
		}
		return found
	}
	switch {
	case a.Status != 200 || page:
		return append(breach(s1, prove.Missing), breach(prove.Retention, prove.Missing)...)
	case len(a.Builds) == 0 || unreadable:
		return breach(s1, prove.Torn)
	}
	var found []prove.Breach
	switch {
	case meet(a.Builds, v.doc):
		v.doc = both(a.Builds, v.doc)
	case a.Builds[0] > last(v.doc):
		found = breach(s1, prove.Ahead)
	default:
		found = breach(s1, prove.Stale)
	}
	if v.all = both(a.Builds, v.all); len(v.all) == 0 {
		found = append(found, breach(prove.OneBuild, prove.Mixed)...)
	}
	return found
}

// back judges a page that a visitor comes back to.
func (j *judge) back(visitor string) []prove.Breach {
	v, final := j.views[visitor], j.final(j.pages[visitor], j.story.takesOf(visitor))
	if v == nil || len(final) == 0 || meet(v.seen, final) {
		return nil
	}
	return []prove.Breach{{Property: prove.Freshness, Class: prove.StalePage, Sticky: true}}
}

// takesOf is what a visitor of the story takes.
func (s *Story) takesOf(visitor string) prove.Encodings {
	for i := range s.Trace.Events {
		if e := &s.Trace.Events[i]; e.Actor == visitor {
			return e.Takes
		}
	}
	return ""
}

// kindOf is what kind of visitor one of the story is.
func (s *Story) kindOf(visitor string) prove.Kind {
	for i := range s.Trace.Events {
		if e := &s.Trace.Events[i]; e.Actor == visitor && e.Visitor != "" {
			return e.Visitor
		}
	}
	return ""
}

// waits notes that a visitor has asked for a document.
func (j *judge) waits(visitor string) {
	v := &view{waits: true}
	if before := j.views[visitor]; before != nil {
		v.seen = before.seen
	}
	j.views[visitor] = v
}

func meet(a, b []int) bool { return len(both(a, b)) > 0 }

// both is what two sets have in common; nil stands for everything, once.
func both(a, b []int) []int {
	if b == nil {
		return a
	}
	out := []int{}
	for _, n := range a {
		if slices.Contains(b, n) {
			out = append(out, n)
		}
	}
	return out
}

func last(set []int) int {
	if len(set) == 0 {
		return 0
	}
	return set[len(set)-1]
}
