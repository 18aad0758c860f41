package prove

import (
	"time"

	"staleproof/cachepolicy"
)

const (
	maxKeys    = 32 // cache keys of one tier
	maxFlights = 4  // open at once in one tier
)

// Tier is one cache as a value: what it stores and which flights are open. The
// marks of its invalidations are kept as differences: a stored response that an
// invalidation covers is forgotten at once, since no load would give it again,
// and a flight remembers the invalidations since it began.
//
// Step is the only way a Tier changes, and it decides with cachepolicy alone.
type Tier struct {
	cells   [maxKeys]storedID
	flights [maxFlights]flight
}

// flight is one origin request under way, for whoever waits.
type flight struct {
	open  bool
	req   reqID
	plan  planID
	reply replyID // 0 while the origin has not answered
	// since are the invalidations of this tier since the flight began, a bit
	// each. The mark is in a flight's name, so who comes after one does not join.
	since uint8
	// above is 1 + the flight of the next tier that this one waits for; 0: none.
	above uint8
	lead  bool // it opened that flight, so it gets the answer in any case
	// own is what it planned to ask the next tier for when it joined that flight, in
	// case the answer is not for sharing; 0: the same as the flight there.
	own planID
}

// tierEvent is what may happen to a tier.
type tierEvent struct {
	kind  tierEventKind
	req   reqID
	slot  uint8
	reply replyID
	above uint8
	lead  bool
	own   planID
	inv   uint8 // of an invalidation: its number
	key   uint8
	past  time.Duration
	limit int    // of open flights
	alone planID // arrive: how one asks for himself who waited in vain; 0: nobody did
}

type tierEventKind uint8

const (
	arrive     tierEventKind = iota // a request comes in
	replied                         // the origin answered a flight
	awaits                          // a flight waits for one of the next tier
	landed                          // a flight ends
	invalidate                      // an invalidation is done
	evict                           // a stored response is forgotten
	pass                            // time passes
)

// action is what a tier does about an event.
type action struct {
	kind   actionKind
	slot   uint8
	plan   planID  // joins: what was planned, if not what the flight is about
	reply  replyID // of answer
	share  bool    // landed: those who joined may have it
	store  storedID
	late   bool // landed: an invalidation came since the flight began
	drop   bool // landed: not stored because of that
	result cachepolicy.Result
	why    cachepolicy.Reason
}

type actionKind uint8

const (
	nothing actionKind = iota
	answers            // with reply
	asks               // the next tier or a server, for the flight in slot
	joins              // waits for the flight in slot
	refuses            // the bound on open flights is reached
	ansAsks            // answers from the store and opens a flight behind
)

// Step makes of the tier what it is after e, and says what it does about it.
func (t *Tier) Step(r *rules, e tierEvent) action {
	switch e.kind {
	case arrive:
		return t.arrive(r, &e)
	case replied:
		t.flights[e.slot].reply = e.reply
	case awaits:
		f := &t.flights[e.slot]
		f.above, f.lead, f.own = e.above, e.lead, e.own
	case landed:
		return t.land(r, e.slot)
	case invalidate:
		for i := range t.flights {
			if t.flights[i].open {
				t.flights[i].since |= 1 << e.inv
			}
		}
		for i, s := range t.cells {
			if s != 0 && r.m.covers(e.inv, s) {
				t.cells[i] = 0
			}
		}
	case evict:
		t.cells[e.key] = 0
	case pass:
		for i, s := range t.cells {
			if s != 0 {
				t.cells[i] = r.m.aged(s, e.past)
			}
		}
		for i := range t.flights {
			if f := &t.flights[i]; f.open {
				f.plan, f.own = r.m.agedPlan(f.plan, e.past), r.m.agedPlan(f.own, e.past)
				f.reply = r.m.agedReply(f.reply, e.past)
			}
		}
	}
	return action{}
}

func (t *Tier) arrive(r *rules, e *tierEvent) action {
	key := r.key[e.req]
	id := e.alone
	if id == 0 {
		id = r.plan(e.req, t.cells[key])
	}
	p := &r.m.plans[id]
	if p.action == cachepolicy.Serve {
		return action{kind: answers, reply: r.served(p.stored), result: r.servedResult(p.stored), why: p.why}
	}
	behind := p.action == cachepolicy.ServeThenRevalidate
	free := -1
	for i := range t.flights {
		f := &t.flights[i]
		switch {
		case !f.open:
			if free < 0 && i < e.limit {
				free = i
			}
		case p.collapse && (f.since == 0 || r.m.hook.joinAny) && r.key[f.req] == key && r.m.plans[f.plan].collapse:
			if behind { // it is being refreshed already
				return action{kind: answers, reply: r.served(p.stored), result: r.servedResult(p.stored), why: p.why}
			}
			a := action{kind: joins, slot: uint8(i), why: cachepolicy.Joined}
			if id != f.plan {
				a.plan = id
			}
			return a
		}
	}
	if free < 0 {
		return action{kind: refuses}
	}
	a := action{kind: asks, slot: uint8(free), why: p.why}
	if behind {
		a.kind, a.reply, a.result = ansAsks, r.served(p.stored), r.servedResult(p.stored)
		id = r.refresh(e.req, p.stored)
	}
	t.flights[free] = flight{open: true, req: e.req, plan: id}
	return a
}

// land settles a flight, stores what is to be stored, and frees its place. A
// response whose origin request began before an invalidation that covers it has
// the older mark, so it is not stored, unless late fills are kept.
func (t *Tier) land(r *rules, slot uint8) action {
	f := t.flights[slot]
	t.flights[slot] = flight{}
	out := r.settle(f.req, f.plan, f.reply)
	a := action{kind: answers, reply: out.answer, share: out.share, late: f.since != 0, result: out.result, why: out.why}
	if out.store == 0 {
		return a
	}
	if f.since != 0 && !r.keepsLate(f.req) && r.m.coveredSince(f.since, out.store) {
		a.drop = true
		return a
	}
	a.store = out.store
	t.cells[r.key[f.req]] = out.store
	return a
}

// alone is how one asks for himself who waited for a flight whose answer was not
// for sharing: as he planned to, own, or 0 for as the flight was, without looking
// into the store again, but with nothing that an invalidation has covered
// meanwhile. [COLL-05]
func (r *rules) alone(f *flight, own planID) planID {
	if own == 0 {
		own = f.plan
	}
	p := r.m.plans[own]
	if p.stored != 0 && r.m.coveredSince(f.since, p.stored) {
		p = r.m.plans[r.plan(f.req, 0)]
	}
	p.collapse = false
	return r.m.internPlan(p)
}

func (r *rules) keepsLate(req reqID) bool {
	return r.terms[req].Emulation.KeepLateFills || r.m.hook.keepLate
}

// sorted puts the open flights in a canonical order and says where each went.
func (t *Tier) sorted() (moved [maxFlights]uint8, changed bool) {
	at := [maxFlights]uint8{0, 1, 2, 3}
	for i := 1; i < maxFlights; i++ { // few, nearly sorted
		for j := i; j > 0 && t.flights[j].before(&t.flights[j-1]); j-- {
			t.flights[j], t.flights[j-1] = t.flights[j-1], t.flights[j]
			at[j], at[j-1] = at[j-1], at[j]
			changed = true
		}
	}
	for to, from := range at {
		moved[from] = uint8(to)
	}
	return moved, changed
}

// before puts open flights first.
func (f *flight) before(g *flight) bool {
	if !f.open || !g.open {
		return f.open && !g.open
	}
	if x, y := f.packed(), g.packed(); x != y {
		return x < y
	}
	return f.own < g.own
}

func (f *flight) packed() uint64 {
	return uint64(f.req)<<56 | uint64(f.plan)<<40 | uint64(f.reply)<<24 | uint64(f.since)<<16 | uint64(f.above)<<8 | uint64(bit(f.lead))
}
