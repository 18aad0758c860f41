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
	doAdvance                  // to the next boundary; a: by a tick
	doOthers                   // a: tier, b: page request, c: server; one of a crowd asks
	doFail                     // a: server; it stops working
	doRecover                  // a: server; it works again
	doBack                     // a: visitor; he comes back to a page that he left
	doCheck                    // a: visitor, b: page request, c: server; his browser asks for the worker's script
	doPrecache                 // a: visitor, b: request, c: server; his worker fetches a file of a new release
	doCrawl                    // a: tier, b: request, c: server; a crawler asks
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
	idle    bool // the world is as it was: nobody waits who was not there before
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
	list = m.outageMoves(list, w)
	for i := range m.kinds {
		v := &w.visitors[i]
		if i > 0 && *v == w.visitors[i-1] && !m.noReduction {
			continue // the same as the one before
		}
		switch {
		case v.waits:
		case m.kinds[v.kind].Kind == BackButton && nd.done != 0 && v.left > 0: // he is away
			if v.seen != 0 {
				list = append(list, newMove(doBack, i, 0, 0))
			}
		case v.open:
			for set := v.pending; set != 0; set &= set - 1 {
				list = append(list, newMove(doRequest, i, bits.TrailingZeros64(set), 0))
			}
		case v.left > 0 && v.mayNavigate(&m.kinds[v.kind], nd):
			for _, p := range m.pagesBy[v.kind] {
				list = append(list, newMove(doNavigate, i, int(p), 0))
			}
		}
		if m.kinds[v.kind].worker {
			list = m.errands(list, v, i)
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
	if m.crawl != 0 {
		list = m.crawlMoves(list)
	}
	if m.boundary(w) > 0 {
		list = append(list, newMove(doAdvance, 0, 0, 0))
		if m.tick > 0 {
			list = append(list, newMove(doAdvance, 1, 0, 0))
		}
	}
	return list
}

// mayNavigate reports whether a visitor whose view is over may begin another.
func (v *visitor) mayNavigate(k *kindSpec, nd *node) bool {
	return nd.done == 0 && (k.Kind != BackButton || v.left == k.views) || !k.early()
}

// apply makes a move in w.
func (m *model) apply(w *World, mv move, e *effect) {
	switch mv.kind() {
	case doStep:
		m.applyStep(w, mv.a(), e)
	case doStop:
		w.node = uint16(m.nodes[w.node].stop)
		m.checkTiers(w, e)
	case doNavigate, doRequest, doCheck, doPrecache:
		m.applyRequest(w, mv, e)
	case doLand:
		m.land(w, mv.a(), uint8(mv.b()), mv.c(), e)
	case doEvict:
		w.tiers[mv.a()].Step(m.tiers[mv.a()].rules, tierEvent{kind: evict, key: uint8(mv.b())})
		if m.bounds.Evictions > 0 {
			w.evicted++
		}
	case doAdvance:
		d := m.boundary(w)
		if mv.a() > 0 {
			d = m.tick
		}
		m.advance(w, d)
	case doOthers:
		got := m.fetch(w, mv.a(), reqID(mv.b()), mv.c(), e)
		e.refused, e.idle = got.refused, got.idle()
	case doFail:
		w.down |= 1 << mv.a()
		w.outages++
	case doRecover:
		w.down &^= 1 << mv.a()
	case doBack:
		m.restore(w, mv.a(), e)
	case doCrawl:
		m.applyCrawl(w, mv, e)
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
				w.tiers[t].Step(m.tiers[t].rules, tierEvent{kind: invalidate, inv: s.inv})
			}
		}
	}
	m.checkTiers(w, e)
}

// hits reports whether a step invalidates in tier t. Nobody's invalidations reach
// a proxy.
func (m *model) hits(s *Step, t int) bool {
	spec := &m.tiers[t]
	kind, name := m.hook.tier(spec.kind), spec.name
	if kind != spec.kind {
		name = kind
	}
	return s.Do == Invalidate && kind != "proxy" && kind != "none" && (s.Tier == "" || s.Tier == kind || s.Tier == name)
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
	v, want := &w.visitors[mv.a()], reqID(mv.b())
	k := &m.kinds[v.kind]
	v.want, v.plan = want, 0
	switch mv.kind() {
	case doNavigate:
		m.beginView(v, m.nodes[w.node].finished && !m.flying(w))
		v.asked |= 1 << want
	case doRequest:
		v.pending &^= 1 << want
		v.asked |= 1 << want
	case doCheck:
		v.check, v.errand = false, checks
	case doPrecache:
		v.errand = installs
	}
	if k.worker && v.errand == ofView {
		if rep, ok := m.precached(v, want); ok {
			e.tale.served("browser", "its service worker has it")
			m.receive(w, mv.a(), rep, true, e)
			return
		}
	}
	if k.private {
		s := v.private[m.browser.key[want]]
		v.plan = m.browser.plan(want, s)
		if p := &m.plans[v.plan]; p.action == cachepolicy.Serve {
			v.plan = 0
			e.tale.served("browser", p.why)
			e.tale.keeps(m, s)
			m.receive(w, mv.a(), m.browser.served(p.stored), w.down == 0, e)
			return
		}
	}
	got := m.fetch(w, k.entry, want, mv.c(), e)
	switch {
	case got.refused:
		e.refused = true
	case got.waits:
		v.waits, v.lead, v.tier, v.slot = true, got.lead, uint8(got.tier), got.slot
		v.own = got.own
	default:
		m.deliver(w, mv.a(), got.reply, got.kept && w.down == 0, e)
	}
}

// beginView begins a view; after: the deploy has ended, and no flight is open.
func (m *model) beginView(v *visitor, after bool) {
	v.left--
	v.open, v.after = true, after
	v.doc, v.all, v.pending, v.asked = 0, 0xff, 0, 0
	if m.kinds[v.kind].worker {
		m.beginControlled(v)
	}
}

// deliver gives a visitor an answer, by way of his private cache. kept: a tier had it
// while all servers worked.
func (m *model) deliver(w *World, i int, rep replyID, kept bool, e *effect) {
	v := &w.visitors[i]
	if m.kinds[v.kind].private {
		out := m.browser.settle(v.want, v.plan, m.conditional(v.plan, rep))
		if out.store != 0 {
			v.private[m.browser.key[v.want]] = out.store
		}
		rep = out.answer
	}
	m.receive(w, i, rep, kept, e)
}

// receive is a visitor, or his browser, with an answer.
func (m *model) receive(w *World, i int, rep replyID, kept bool, e *effect) {
	v := &w.visitors[i]
	want, before, f := v.want, v.doc, found(0)
	v.waits, v.lead, v.tier, v.slot, v.want, v.plan = false, false, 0, 0, 0, 0
	v.own = 0
	if v.errand != ofView {
		e.tale.ran(m.ran(v, want, rep))
		e.tale.received(m, i, want, rep, before, v.after, 0)
		m.forget(v)
		return
	}
	m.look(int(w.node), v, want, rep, kept, &f)
	if before == 0 {
		before = v.doc
	}
	e.found |= f
	e.tale.received(m, i, want, rep, before, v.after, f)
	m.forget(v)
}

// look is a visitor looking at an answer.
func (m *model) look(n int, v *visitor, want reqID, rep replyID, kept bool, f *found) {
	r := &m.replies[rep]
	if blameless := excused(r, kept); v.doc == 0 {
		wrong := found(0)
		v.doc = m.judgePage(n, want, v, rep, &wrong)
		v.pending = 0
		if v.doc != 0 {
			v.pending = m.follow(want, r.body)
			if v.left > 0 && (v.seen == 0 || lowest(v.doc) > lowest(v.seen)) {
				v.seen = v.doc
			}
			if m.kinds[v.kind].worker && m.harmless(v) {
				v.pending = 0
			}
		} else if blameless {
			wrong = 0
		}
		*f |= wrong
	} else if !blameless {
		m.judgeAsset(n, want, v.after, rep, &v.doc, &v.all, f)
		if r.status == 200 && !m.bodies[r.body].page && !m.unreadable(want, r) {
			v.pending |= m.follow(want, r.body) &^ v.asked
		}
	}
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
		w.tiers[t].Step(m.tiers[t].rules, tierEvent{kind: pass, past: d})
	}
	for i := range m.kinds {
		v := &w.visitors[i]
		v.own = m.agedPlan(v.own, d)
		if !m.kinds[v.kind].private {
			continue
		}
		v.plan = m.agedPlan(v.plan, d)
		for k, s := range v.private[:len(m.browser.keys)] {
			v.private[k] = m.aged(s, d)
		}
	}
}
