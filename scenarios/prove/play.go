package prove

import (
	"fmt"
	"slices"

	"staleproof/cachepolicy"
)

// Play is a deploy played event by event on values, as a [Trace] tells it: what
// [Servers] is for the servers alone, with the caches and the visitors.
type Play struct {
	m        *model
	w        World
	names    [maxVisitors]string
	poisoned map[[2]int]bool
}

// Breach is a violation of a property that an event brought about.
type Breach struct {
	Property Property
	Class    Class
	Sticky   bool
}

// NewPlay is d before its deploy, with the visitors of whom events tell. Bounds
// are those that the events were found within; only Flights, Horizon and Prefixes
// matter.
func NewPlay(d Deploy, b Bounds, events []Event) (*Play, error) {
	p := &Play{poisoned: map[[2]int]bool{}}
	d.Visitors, d.Takes = nil, nil
	locations := max(1, d.CDN.Locations)
	for _, e := range events {
		if e.Actor == "others" || e.Visitor == Crawler {
			d.others = append(d.others, e.Takes)
			d.crawler = d.crawler || e.Visitor == Crawler
		}
		if e.Visitor == "" || e.Visitor == Crawler || slices.Contains(p.names[:len(d.Visitors)], e.Actor) {
			continue
		}
		// Visitor i is at location i modulo their number: who is elsewhere leaves a gap.
		for len(d.Visitors) < maxVisitors && len(d.Visitors)%locations != e.location() {
			d.Visitors, d.Takes = append(d.Visitors, Fresh), append(d.Takes, e.Takes)
		}
		if len(d.Visitors) == maxVisitors {
			return nil, fmt.Errorf("deploy %s: more than %d visitors", d.Name, maxVisitors)
		}
		p.names[len(d.Visitors)] = e.Actor
		d.Visitors = append(d.Visitors, e.Visitor)
		d.Takes = append(d.Takes, e.Takes)
	}
	if len(d.Visitors) == 0 {
		d.Visitors = []Kind{Fresh}
	}
	if b = b.withDefaults(); b.Flights > 0 {
		b.Flights = maxFlights
	}
	b.Visitors = 0 // they are listed
	var err error
	if p.m, err = newModel(d, b.withDefaults(), hook{}); err != nil {
		return nil, err
	}
	p.w = p.m.begin()
	return p, nil
}

// location is the number of the edge location that a visitor asks, from 0.
func (e *Event) location() int {
	n := 0
	if _, err := fmt.Sscanf(e.Entry, "edge %d", &n); err != nil {
		return 0
	}
	return n - 1
}

// Do plays one event and tells what came of it, in the form of the trace: an event
// that is not "flight" is asked and landed at once, and one that is in as many tiers as
// have taken it in. Other fields of e that are outcomes are not looked at.
func (p *Play) Do(e Event) (Event, []Breach, error) {
	mv, err := p.move(&e)
	if err != nil {
		return Event{}, nil, err
	}
	tr := Trace{}
	came, err := p.apply(&tr, mv)
	if err != nil {
		return Event{}, nil, err
	}
	found := came.found
	for (e.From != "flight" || landings(&tr.Events[0]) < landings(&e)) && p.waits(mv, &came.tale.crawler) {
		t, slot := int(came.tale.crawler.tier), came.tale.crawler.slot
		if mv.kind() != doCrawl {
			v := &p.w.visitors[mv.a()]
			t, slot = int(v.tier), v.slot
		}
		more, err := p.apply(&tr, p.landing(t, slot, mv.c()))
		if err != nil {
			return Event{}, nil, err
		}
		found |= more.found
	}
	var broken []Breach
	for v := range noViolation {
		if found.has(v) {
			broken = append(broken, Breach{v.property(), v.class(), v.sticky()})
		}
	}
	return tr.Events[0], broken, nil
}

// landings is in how many tiers the answer to a request has come to a store.
func landings(e *Event) int { return len(e.Stored) + len(e.Dropped) }

// waits reports whether whoever asked by a move still waits for the answer.
func (p *Play) waits(mv move, crawler *fetched) bool {
	switch mv.kind() {
	case doNavigate, doRequest, doCheck, doPrecache:
		return p.w.visitors[mv.a()].waits
	case doCrawl:
		return crawler.waits && p.w.tiers[crawler.tier].flights[crawler.slot].open
	}
	return false
}

// apply makes one move and tells of it in tr.
func (p *Play) apply(tr *Trace, mv move) (effect, error) {
	t := &tale{names: &p.names, poisoned: p.poisoned}
	e := effect{tale: t, seen: &sights{}}
	p.m.announce(&t.event, &p.w, mv, &p.names)
	p.m.apply(&p.w, mv, &e)
	if e.refused {
		return e, fmt.Errorf("more than %d flights are open in a tier", maxFlights)
	}
	p.m.comment(t, &p.w, mv)
	if len(tr.Events) == 0 || !p.m.merge(tr, t) {
		tr.Events = append(tr.Events, t.event)
	}
	return e, nil
}

// landing is the move that ends the flight in a place of a tier, or one that it
// waits for.
func (p *Play) landing(t int, at uint8, server int) move {
	slot := int(at)
	for f := &p.w.tiers[t].flights[slot]; f.above != 0; f = &p.w.tiers[t].flights[slot] {
		t, slot = p.m.tiers[t].next, int(f.above-1)
	}
	return newMove(doLand, t, slot, server)
}

// move finds what an event tells among what may happen now.
func (p *Play) move(e *Event) (move, error) {
	server := 0
	if e.Server != "" {
		if server = p.serverIndex(e.Server); server < 0 {
			return 0, fmt.Errorf("there is no server %q", e.Server)
		}
	}
	switch e.Kind {
	case Deployed, Invalidated:
		for i, to := range p.m.nodes[p.w.node].next {
			if to >= 0 && p.m.deploy.Mode.Steps[i].Name == e.Step {
				return newMove(doStep, i, 0, 0), nil
			}
		}
		return 0, fmt.Errorf("step %q is done, or its turn has not come", e.Step)
	case Stopped:
		if p.m.nodes[p.w.node].stop < 0 {
			return 0, fmt.Errorf("the deploy cannot fail here")
		}
		return newMove(doStop, 0, 0, 0), nil
	case Navigated, Requested, WorkerChecked, WorkerFetched:
		return p.asking(e, server)
	case Landed:
		return p.landed(e, server)
	case Failed, Recovered:
		for _, mv := range p.m.outageMoves(nil, &p.w) {
			if mv.a() == server && (mv.kind() == doFail) == (e.Kind == Failed) {
				return mv, nil
			}
		}
		return 0, fmt.Errorf("server %s cannot %s now", e.Server, e.Kind)
	case Restored:
		for i := range p.m.kinds {
			if v := &p.w.visitors[i]; p.names[i] == e.Actor && slices.Contains(p.m.moves(nil, &p.w), newMove(doBack, i, 0, 0)) && v.seen != 0 {
				return newMove(doBack, i, 0, 0), nil
			}
		}
		return 0, fmt.Errorf("there is no page that %s could come back to now", e.Actor)
	case Evicted:
		if t := p.tier(e.Tier); t >= 0 {
			if k := slices.Index(p.m.tiers[t].rules.keys, e.Key); k >= 0 {
				return newMove(doEvict, t, k, 0), nil
			}
		}
		return 0, fmt.Errorf("there is no tier %q with a key %q", e.Tier, e.Key)
	case Advanced:
		if b := int64(p.m.boundary(&p.w).Seconds()); b != e.Seconds {
			return 0, fmt.Errorf("%d s pass, and the next instant at which something changes is in %d s", e.Seconds, b)
		}
		return newMove(doAdvance, 0, 0, 0), nil
	}
	return 0, fmt.Errorf("there is no event %q", e.Kind)
}

// asking is a visitor's request, if he may make it now.
func (p *Play) asking(e *Event, server int) (move, error) {
	id, ok := p.m.reqOf(e.URL, e.Takes)
	if !ok {
		return 0, fmt.Errorf("nobody can come to ask for %q", e.URL)
	}
	if e.Actor == "others" {
		if t := p.tier(e.Tier); t >= 0 {
			return newMove(doOthers, t, int(id), server), nil
		}
		return 0, fmt.Errorf("there is no tier %q", e.Tier)
	}
	if e.Visitor == Crawler {
		if mv := newMove(doCrawl, max(0, p.tier(e.Entry)), int(id), server); slices.Contains(p.m.crawlMoves(nil), mv&^move(server)) {
			return mv, nil
		}
		return 0, fmt.Errorf("no build binds %s, so no crawler asks for it", e.URL)
	}
	i := slices.Index(p.names[:], e.Actor)
	if i < 0 || e.Actor == "" {
		return 0, fmt.Errorf("there is no visitor %q", e.Actor)
	}
	v := &p.w.visitors[i]
	switch {
	case v.waits:
		return 0, fmt.Errorf("%s still waits for an answer", e.Actor)
	case e.Kind == WorkerChecked || e.Kind == WorkerFetched:
		mv := newMove(doCheck, i, int(id), 0)
		if e.Kind == WorkerFetched {
			mv = newMove(doPrecache, i, int(id), 0)
		}
		if !p.m.kinds[v.kind].worker || !slices.Contains(p.m.errands(nil, v, i), mv) {
			return 0, fmt.Errorf("no service worker of %s asks for %s now", e.Actor, e.URL)
		}
		return mv | move(server), nil
	case e.Kind == Requested && v.pending&(1<<id) == 0:
		return 0, fmt.Errorf("nothing that %s was given refers to %s", e.Actor, e.URL)
	case e.Kind == Requested:
		return newMove(doRequest, i, int(id), server), nil
	case p.m.taken[id] != p.m.kinds[v.kind].takes:
		return 0, fmt.Errorf("%s takes %q, not %q", e.Actor, p.m.kinds[v.kind].takes, e.Takes)
	case v.left == 0:
		return 0, fmt.Errorf("%s has no other view to begin", e.Actor)
	case !containsReq(p.m.pages, id):
		return 0, fmt.Errorf("%s is no page", e.URL)
	}
	return newMove(doNavigate, i, int(id), server), nil
}

// landed is the landing of a flight: the oldest for its URL in its tier that waits
// for nothing.
func (p *Play) landed(e *Event, server int) (move, error) {
	t := p.tier(e.Actor)
	best := -1
	if t >= 0 {
		flights := &p.w.tiers[t].flights
		for j := range flights {
			f := &flights[j]
			if f.open && f.above == 0 && p.m.url(f.req) == e.URL && p.m.taken[f.req] == e.Takes && (best < 0 || f.since > flights[best].since) {
				best = j
			}
		}
	}
	if best < 0 {
		return 0, fmt.Errorf("no flight for %s is open in tier %q", e.URL, e.Actor)
	}
	return newMove(doLand, t, best, server), nil
}

func (p *Play) tier(name string) int {
	return slices.IndexFunc(p.m.tiers, func(t tierSpec) bool { return t.name == name })
}

func (p *Play) serverIndex(name string) int {
	for i := range p.m.servers() {
		if serverName(i) == name {
			return i
		}
	}
	return -1
}

// Holds is the identity of the bytes that a cache has under a key, the first that has
// any. Keys are as in [Event].Poisoned.
func (p *Play) Holds(key string) (body string, ok bool) {
	for t := range p.m.tiers {
		if k := slices.Index(p.m.tiers[t].rules.keys, key); k >= 0 && p.w.tiers[t].cells[k] != 0 {
			return p.m.bodies[p.m.stored[p.w.tiers[t].cells[k]].body].id, true
		}
	}
	return "", false
}

// ProxyTerms is how the cache before a visitor [BehindProxy] decides.
func (d Deploy) ProxyTerms() (cachepolicy.Terms, error) {
	m, err := newModel(d, Bounds{}.withDefaults(), hook{})
	if err != nil {
		return cachepolicy.Terms{}, err
	}
	return m.proxyTerms(), nil
}
