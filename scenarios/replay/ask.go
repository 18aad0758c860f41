package replay

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"staleproof/scenarios/prove"
)

// behindPatience is how long a refresh behind an answer may take to begin.
const behindPatience = time.Second

// errJoined is what happens to one who should not have to wait for another.
var errJoined = errors.New("waits for an answer that is under way")

// asking is a visitor's request, and what has come of it so far.
type asking struct {
	event  *prove.Event
	asked  bool // the servers
	stored bool
	got    *Answer
}

// ask lets a visitor ask. What the servers hold because of it lands at once, unless
// the trace has it under way.
func (st *stage) ask(ctx context.Context, e *prove.Event) ([]Answer, error) {
	v, err := st.who(ctx, e)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	st.origin.next(e.Server)
	st.signals.drain()
	v.ask(ctx, e)
	a := asking{event: e}
	for !a.done() {
		s, err := st.signals.next(ctx)
		switch {
		case err != nil && a.got != nil:
			return a.answers(st), nil // the refresh does not come: the servers were not asked
		case err != nil:
			return nil, fmt.Errorf("%s has no answer after %v", e.Actor, patience)
		case underWay(e) && (s.kind == arrived || s.kind == joined):
			return []Answer{{Visitor: e.Actor, From: fromFlight}}, nil
		case s.kind == arrived:
			st.origin.let(s.gate)
		}
		if err := a.note(&s); err != nil {
			return nil, err
		}
		if a.got != nil && !a.done() {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, behindPatience)
			defer cancel()
		}
	}
	return a.answers(st), nil
}

// note takes a signal in.
func (a *asking) note(s *signal) error {
	switch s.kind {
	case arrived:
		a.asked = true
	case kept:
		a.stored = true
	case joined:
		return fmt.Errorf("%s %w, and should have his", a.event.Actor, errJoined)
	case answered:
		switch {
		case s.err != nil:
			return s.err
		case s.visitor == a.event.Actor:
			a.got = &s.answer
		case !unheard(s.visitor):
			return fmt.Errorf("%s was given %s, and should still be waiting", s.visitor, s.answer)
		}
	}
	return nil
}

// done reports whether nothing more comes of it. What an edge refreshes after it has
// answered does.
func (a *asking) done() bool {
	e := a.event
	if a.got == nil || underWay(e) || e.Actor == "others" || e.Server == "" || a.got.From == fromBrowser {
		return a.got != nil
	}
	return a.asked && (a.stored || len(e.Stored) == 0)
}

func (a *asking) answers(st *stage) []Answer {
	if a.got.From == "" {
		a.got.From = fromCache
		if a.asked {
			a.got.From = fromServers
		}
	}
	a.got.Builds = st.bodies.byID[a.got.Body].builds
	return []Answer{*a.got}
}

// underWay reports whether the trace leaves an answer for later.
func underWay(e *prove.Event) bool {
	return e.From == fromFlight || e.Actor == "others" && e.From == "origin" && e.Status == 0
}

// who is the visitor of an event, who may come for the first time.
func (st *stage) who(ctx context.Context, e *prove.Event) (visitor, error) {
	kind, at, name := e.Visitor, e.Entry, e.Actor
	if kind == prove.Crawler {
		name += " at " + at // one for each location
	}
	if v := st.visitors[name]; v != nil {
		return v, nil
	}
	if e.Actor == "others" {
		kind, at = prove.Fresh, e.Tier
	}
	v, err := st.plumbing.visitor(ctx, st, e.Actor, kind, at)
	if err != nil {
		return nil, err
	}
	st.visitors[name] = v
	return v, nil
}

// unheard reports whether nobody looks at what a visitor is given after he asked: he
// is any of a crowd, or a crawler.
func unheard(visitor string) bool { return visitor == "others" || visitor == "crawler" }

// land answers what the servers hold, and waits for those who wait for it.
func (st *stage) land(ctx context.Context, e *prove.Event) ([]Answer, error) {
	st.origin.next(e.Server)
	for !st.origin.release(e.URL, e.Takes) { // a refresh behind an answer comes by itself
		if st.network.Regional != nil {
			return nil, halfLanded
		}
		if _, err := st.signals.next(ctx); err != nil {
			return nil, fmt.Errorf("nobody has asked the servers for %s after %v", e.URL, patience)
		}
	}
	waits := slices.Clone(e.For)
	var got []Answer
	for stored := false; len(waits) > 0 || len(e.For) == 0 && !stored; {
		s, err := st.signals.next(ctx)
		if err != nil {
			return got, fmt.Errorf("%v have no answer after %v", waits, patience)
		}
		switch s.kind {
		case arrived: // one who waited in vain asks for himself
			st.origin.let(s.gate)
		case kept:
			stored = true
		case answered:
			if s.err != nil {
				return got, s.err
			}
			if unheard(s.visitor) {
				continue
			}
			s.answer.From = ""
			s.answer.Builds = st.bodies.byID[s.answer.Body].builds
			got = append(got, s.answer)
			waits = slices.DeleteFunc(waits, func(name string) bool { return name == s.visitor })
		}
	}
	slices.SortFunc(got, func(a, b Answer) int { return slices.Index(e.For, a.Visitor) - slices.Index(e.For, b.Visitor) })
	return got, nil
}

// splitKey is the URL of a cache key, and the encodings in it.
func splitKey(key string) (url string, takes prove.Encodings) {
	url, rest, _ := strings.Cut(strings.TrimPrefix(key, "site "), "\n")
	for line := range strings.SplitSeq(rest, "\n") {
		if value, ok := strings.CutPrefix(line, "Accept-Encoding: "); ok {
			takes = prove.Encodings(value)
		}
	}
	return url, takes
}

// holds asks for the URL of a key, as a stranger at the first edge.
func (st *stage) holds(ctx context.Context, key string) (string, error) {
	url, takes := splitKey(key)
	e := &prove.Event{Kind: prove.Navigated, Actor: "a stranger", Visitor: prove.Fresh, Entry: "edge", URL: url, Takes: takes}
	if len(st.network.POPs) > 1 {
		e.Entry = "edge 1"
	}
	v, err := newHTTPVisitor(st, e.Actor, e.Visitor, st.plumbing.reach(e.Entry))
	if err != nil {
		return "", err
	}
	st.visitors[e.Actor] = v
	got, err := st.ask(ctx, e)
	switch {
	case errors.Is(err, errJoined) && (st.network.Regional != nil || st.proxy != nil):
		return "", halfLanded
	case err != nil:
		return "", err
	case got[0].From != fromCache && got[0].Result != "RefreshHit": // the servers have confirmed it
		return "", errors.New("no cache has anything")
	}
	return got[0].Body, nil
}
