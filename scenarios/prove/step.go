package prove

import (
	"math/bits"
	"time"

	"staleproof/cachepolicy"
)

// move is one event that may happen next, in 32 bits: what, and up to three
// numbers.
type move uint32

type moveKind uint8

const (
	doStep     moveKind = iota // a: step
	doStop                     // the deploy fails
	doNavigate                 // a: visitor, b: page request, c: server
	doRequest                  // a: visitor, b: request, c: server
	doLand                     // a: tier, b: flight, c: server, for those who have to ask for themselves
	doEvict                    // a: tier, b: key
	doAdvance                  // to the next boundary
	doOthers                   // a: tier, b: page request, c: server; one of a crowd asks
)

func newMove(k moveKind, a, b, c int) move {
	return move(k)<<24 | move(a)<<16 | move(b)<<8 | move(c)
}

func (mv move) kind() moveKind { return moveKind(mv >> 24) }
func (mv move) a() int         { return int(mv >> 16 & 255) }
func (mv move) b() int         { return int(mv >> 8 & 255) }
func (mv move) c() int         { return int(mv & 255) }

// counted reports whether the move counts in a trace's length: landings do not.
func (mv move) counted() bool { return mv.kind() != doLand }

// effect is what came of a move besides the world it leads to.
type effect struct {
	found   found
	asked   bool // a server was asked, so another server may give another world
	refused bool // the bound on open flights was reached: there is no such world
	tale    *tale
	seen    *sights
}

// moves appends what may happen next in w, but for the choice of server.
func (m *model) moves(list []move, w *World) []move {
	nd := &m.nodes[w.node]
	for i, n := range nd.next {
		if n >= 0 {
			list = append(list, newMove(doStep, i, 0, 0))
		}
	}
	if nd.stop >= 0 {
		list = append(list, newMove(doStop, 0, 0, 0))
	}
	for i := range m.kinds {
		v := &w.visitors[i]
		if i > 0 && *v == w.visitors[i-1] && !m.noReduction {
			continue // the same as the one before
		}
		switch {
		case v.waits:
		case v.open:
			for set := v.pending; set != 0; set &= set - 1 {
				list = append(list, newMove(doRequest, i, bits.TrailingZeros64(set), 0))
			}
		case v.left > 0 && (m.kinds[v.kind].Kind != OldTab || nd.done == 0):
			for _, p := range m.pages {
				list = append(list, newMove(doNavigate, i, int(p), 0))
			}
		}
	}
	for t := range m.tiers {
		for j := range w.tiers[t].flights[:m.slots] {
			if f := &w.tiers[t].flights[j]; f.open && f.above == 0 {
				list = append(list, newMove(doLand, t, j, 0))
			}
		}
		if m.hook.dropEvict {
			continue
		}
		if m.bounds.Evictions < 0 || int(w.evicted) < m.bounds.Evictions {
			for k := range m.tiers[t].rules.keys {
				if w.tiers[t].cells[k] != 0 {
					list = append(list, newMove(doEvict, t, k, 0))
				}
			}
		}
	}
	if m.crowd {
		for t := range m.tiers {
			for _, p := range m.pages {
				if m.tiers[t].kind == "edge" {
					list = append(list, newMove(doOthers, t, int(p), 0))
				}
			}
		}
	}
	if m.boundary(w) > 0 {
		list = append(list, newMove(doAdvance, 0, 0, 0))
	}
	return list
}

// apply makes a move in w.
func (m *model) apply(w *World, mv move, e *effect) {
	switch mv.kind() {
	case doStep:
		m.applyStep(w, mv.a(), e)
	case doStop:
		w.node = uint16(m.nodes[w.node].stop)
		m.checkTiers(w, e)
	case doNavigate, doRequest:
		m.applyRequest(w, mv, e)
	case doLand:
		m.land(w, mv.a(), uint8(mv.b()), mv.c(), e)
	case doEvict:
		w.tiers[mv.a()], _ = w.tiers[mv.a()].Step(m.tiers[mv.a()].rules, tierEvent{kind: evict, key: uint8(mv.b())})
		if m.bounds.Evictions > 0 {
			w.evicted++
		}
	case doAdvance:
		m.advance(w, m.boundary(w))
	case doOthers:
		e.refused = m.fetch(w, mv.a(), reqID(mv.b()), mv.c(), e).refused
	}
}

func (m *model) applyStep(w *World, i int, e *effect) {
	w.node = uint16(m.nodes[w.node].next[i])
	switch s := &m.deploy.Mode.Steps[i]; s.Do {
	case Wait:
		m.advance(w, s.For)
	case Invalidate:
		for t := range m.tiers {
			if m.hits(s, t) {
				w.tiers[t], _ = w.tiers[t].Step(m.tiers[t].rules, tierEvent{kind: invalidate, inv: s.inv})
			}
		}
	}
	m.checkTiers(w, e)
}

// hits reports whether a step invalidates in tier t. Nobody's invalidations reach
// a proxy.
func (m *model) hits(s *Step, t int) bool {
	k := m.tiers[t].kind
	return s.Do == Invalidate && k != "proxy" && (s.Tier == "" || s.Tier == k)
}

// checkTiers looks for poisoned keys, which a deploy step may make of good ones.
// Nothing cures a key that is poisoned when the deploy has ended.
func (m *model) checkTiers(w *World, e *effect) {
	for t := range m.tiers {
		for k, s := range w.tiers[t].cells[:len(m.tiers[t].rules.keys)] {
			if s != 0 && m.poisoned(int(w.node), t, uint8(k), s) {
				e.found.add(poisonedKey, m.nodes[w.node].finished)
				e.tale.poison(m, t, k)
			}
		}
	}
}

func (m *model) applyRequest(w *World, mv move, e *effect) {
	v := &w.visitors[mv.a()]
	if mv.kind() == doNavigate {
		v.left--
		v.open, v.after = true, m.nodes[w.node].finished && !m.flying(w)
		v.doc, v.all, v.pending, v.asked = 0, 0xff, 0, 0
	}
	want := reqID(mv.b())
	v.pending &^= 1 << want
	v.asked |= 1 << want
	v.want, v.plan = want, 0
	k := &m.kinds[v.kind]
	if k.private {
		s := v.private[m.browser.key[want]]
		v.plan = m.browser.plan(want, s)
		if p := &m.plans[v.plan]; p.action == cachepolicy.Serve {
			v.plan = 0
			e.tale.served("browser", p.why)
			m.receive(w, mv.a(), m.browser.served(p.stored), e)
			return
		}
	}
	got := m.fetch(w, k.entry, want, mv.c(), e)
	switch {
	case got.refused:
		e.refused = true
	case got.waits:
		v.waits, v.lead, v.tier, v.slot = true, got.lead, uint8(got.tier), got.slot
	default:
		m.deliver(w, mv.a(), got.reply, e)
	}
}

// fetched is what came of asking a tier: a reply, or a flight to wait for.
type fetched struct {
	reply   replyID
	waits   bool
	lead    bool
	tier    int
	slot    uint8
	refused bool
}

// fetch asks a tier, which may ask the next, down to the server.
func (m *model) fetch(w *World, t int, req reqID, server int, e *effect) fetched {
	return m.fetchAs(w, t, req, 0, server, e)
}

// fetchAs is fetch for one who has his plan already, unless alone is 0.
func (m *model) fetchAs(w *World, t int, req reqID, alone planID, server int, e *effect) fetched {
	if t < 0 {
		e.asked = true
		rep := m.originReply(int(w.node), server, req)
		e.tale.origin(server)
		return fetched{reply: rep}
	}
	spec := &m.tiers[t]
	var a action
	w.tiers[t], a = w.tiers[t].Step(spec.rules, tierEvent{kind: arrive, req: req, limit: m.slots, alone: alone})
	switch a.kind {
	case answers:
		e.tale.served(spec.name, a.why)
		e.seen.hit()
		return fetched{reply: a.reply}
	case joins:
		e.tale.joined(spec.name)
		e.seen.join()
		return fetched{waits: true, tier: t, slot: a.slot}
	case refuses:
		return fetched{refused: true}
	}
	e.seen.miss()
	above := m.fetch(w, spec.next, spec.rules.forward[req], server, e)
	if above.refused {
		return above
	}
	e.tale.missed(spec.name, a.why)
	if a.kind == ansAsks {
		e.tale.served(spec.name, a.why)
		m.await(w, t, a.slot, above, e)
		return fetched{reply: a.reply}
	}
	if done, rep := m.await(w, t, a.slot, above, e); done {
		return fetched{reply: rep}
	}
	return fetched{waits: true, lead: true, tier: t, slot: a.slot}
}

// await gives a flight what came of asking above. A flight that stores nothing
// and that nobody may share lands at once: later or now is all the same to
// everyone.
func (m *model) await(w *World, t int, slot uint8, above fetched, e *effect) (done bool, rep replyID) {
	r := m.tiers[t].rules
	if above.waits {
		w.tiers[t], _ = w.tiers[t].Step(r, tierEvent{kind: awaits, slot: slot, above: 1 + above.slot, lead: above.lead})
		return false, 0
	}
	f := &w.tiers[t].flights[slot]
	answer := m.conditional(f.plan, above.reply)
	w.tiers[t], _ = w.tiers[t].Step(r, tierEvent{kind: replied, slot: slot, reply: answer})
	if !m.landsAtOnce(r, &w.tiers[t].flights[slot]) {
		return false, 0
	}
	var a action
	w.tiers[t], a = w.tiers[t].Step(r, tierEvent{kind: landed, slot: slot})
	m.afterStore(w, t, a, e)
	return true, a.reply
}

func (m *model) landsAtOnce(r *rules, f *flight) bool {
	if m.atOnce {
		return true
	}
	return !m.noReduction && r.unshared(f.req, f.plan, f.reply)
}

func (m *model) afterStore(w *World, t int, a action, e *effect) {
	e.tale.landed(m, t, a)
	e.seen.land(a)
	if a.store != 0 {
		m.checkTiers(w, e)
	}
}

// land ends a flight and gives its answer to whoever waits. One who joined a
// flight whose answer is not for sharing asks for himself.
func (m *model) land(w *World, t int, slot uint8, server int, e *effect) {
	var a action
	r := m.tiers[t].rules
	f := w.tiers[t].flights[slot]
	e.tale.flight(m, t, &f)
	w.tiers[t], a = w.tiers[t].Step(r, tierEvent{kind: landed, slot: slot})
	m.afterStore(w, t, a, e)
	// Who waits for what is settled before anyone asks again, since the flight's
	// place may be taken then.
	var visitors [maxVisitors]bool
	var tiers [maxTiers][maxFlights]bool
	for i := range m.kinds {
		v := &w.visitors[i]
		visitors[i] = v.waits && int(v.tier) == t && v.slot == slot
	}
	for d := range m.tiers {
		for j := range w.tiers[d].flights {
			g := &w.tiers[d].flights[j]
			tiers[d][j] = m.tiers[d].next == t && g.open && g.above == 1+slot
		}
	}
	for i := range visitors {
		if v := &w.visitors[i]; visitors[i] && (v.lead || a.share) {
			m.deliver(w, i, a.reply, e)
		} else if visitors[i] {
			m.visitorAlone(w, i, t, r.alone(&f), server, e)
		}
	}
	for d := range m.tiers {
		for j := range w.tiers[d].flights {
			if g := &w.tiers[d].flights[j]; tiers[d][j] && (g.lead || a.share) {
				m.pass(w, d, uint8(j), a.reply, server, e)
			} else if tiers[d][j] {
				m.flightAlone(w, d, uint8(j), r.alone(&f), server, e)
			}
		}
	}
}

// visitorAlone lets a visitor who waited in vain ask tier t for himself.
func (m *model) visitorAlone(w *World, i, t int, alone planID, server int, e *effect) {
	v := &w.visitors[i]
	got := m.fetchAs(w, t, v.want, alone, server, e)
	switch {
	case got.refused:
		e.refused = true
	case got.waits:
		v.lead, v.slot = got.lead, got.slot
	default:
		m.deliver(w, i, got.reply, e)
	}
}

// flightAlone lets a flight that waited in vain ask the next tier for itself.
func (m *model) flightAlone(w *World, d int, slot uint8, alone planID, server int, e *effect) {
	spec := &m.tiers[d]
	got := m.fetchAs(w, spec.next, spec.rules.forward[w.tiers[d].flights[slot].req], alone, server, e)
	switch {
	case got.refused:
		e.refused = true
	case got.waits:
		w.tiers[d], _ = w.tiers[d].Step(spec.rules, tierEvent{kind: awaits, slot: slot, above: 1 + got.slot, lead: got.lead})
	default:
		m.pass(w, d, slot, got.reply, server, e)
	}
}

// pass hands the answer of a flight on to the flight of the tier before, which
// lands by itself later.
func (m *model) pass(w *World, t int, slot uint8, rep replyID, server int, e *effect) {
	r := m.tiers[t].rules
	w.tiers[t], _ = w.tiers[t].Step(r, tierEvent{kind: awaits, slot: slot})
	w.tiers[t], _ = w.tiers[t].Step(r, tierEvent{kind: replied, slot: slot, reply: m.conditional(w.tiers[t].flights[slot].plan, rep)})
	if m.landsAtOnce(r, &w.tiers[t].flights[slot]) {
		m.land(w, t, slot, server, e)
	}
}

// deliver gives a visitor an answer, by way of his private cache.
func (m *model) deliver(w *World, i int, rep replyID, e *effect) {
	v := &w.visitors[i]
	if m.kinds[v.kind].private {
		out := m.browser.settle(v.want, v.plan, m.conditional(v.plan, rep))
		if out.store != 0 {
			v.private[m.browser.key[v.want]] = out.store
		}
		rep = out.answer
	}
	m.receive(w, i, rep, e)
}

// receive is a visitor looking at an answer.
func (m *model) receive(w *World, i int, rep replyID, e *effect) {
	v := &w.visitors[i]
	want := v.want
	v.waits, v.lead, v.tier, v.slot, v.want, v.plan = false, false, 0, 0, 0, 0
	r, before, f := &m.replies[rep], v.doc, found(0)
	if v.doc == 0 {
		v.doc = m.judgePage(int(w.node), v, rep, &f)
		before = v.doc
		v.pending = 0
		if v.doc != 0 {
			v.pending = m.follow(want, r.body)
			if v.left > 0 && (v.seen == 0 || lowest(v.doc) > lowest(v.seen)) {
				v.seen = v.doc
			}
		}
	} else {
		m.judgeAsset(int(w.node), want, v.after, rep, &v.doc, &v.all, &f)
		if r.status == 200 && !m.bodies[r.body].page {
			v.pending |= m.follow(want, r.body) &^ v.asked
		}
	}
	e.found |= f
	e.tale.received(m, i, want, rep, before, v.after, f)
	m.forget(v)
}

// boundary is how long it takes until some decision changes, within the horizon;
// 0: none does.
func (m *model) boundary(w *World) time.Duration {
	least := time.Duration(0)
	at := func(s storedID) {
		if n := m.stored[s].next; s != 0 && n != 0 && n <= m.horizon && (least == 0 || n < least) {
			least = n
		}
	}
	for t := range m.tiers {
		for _, s := range w.tiers[t].cells[:len(m.tiers[t].rules.keys)] {
			at(s)
		}
	}
	for i := range m.kinds {
		if m.kinds[w.visitors[i].kind].private {
			for _, s := range w.visitors[i].private[:len(m.browser.keys)] {
				at(s)
			}
		}
	}
	return least
}

func (m *model) advance(w *World, d time.Duration) {
	for t := range m.tiers {
		w.tiers[t], _ = w.tiers[t].Step(m.tiers[t].rules, tierEvent{kind: pass, past: d})
	}
	for i := range m.kinds {
		v := &w.visitors[i]
		if !m.kinds[v.kind].private {
			continue
		}
		v.plan = m.agedPlan(v.plan, d)
		for k, s := range v.private[:len(m.browser.keys)] {
			v.private[k] = m.aged(s, d)
		}
	}
}
