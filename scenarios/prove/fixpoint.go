package prove

import (
	"math/bits"
	"slices"

	"staleproof/cachepolicy"
)

// The fixpoint works out, for each node of the deploy, what each cache may hold
// under each key and what a view may still ask for, for any number of visitors
// who come whenever they like. Evictions are free, so keys do not depend on each
// other, and sets of what is possible lose little. What it does not find cannot
// happen; what it finds may happen, and the explorer has to show it.

// may is what is possible at one node; or, for a finished one, once more when all
// flights have landed.
type may struct {
	node    int
	settled bool
	cells   [][][]storedID  // by tier and key
	flights [][]maybeFlight // by tier
	asked   []uint64        // by tier: requests that someone may have made
	gives   [][][]given     // by tier and request: answers that someone may get
	private [][]storedID    // by key of the browser
	views   []family
	workers crew
	docs    []seenDoc
}

type maybeFlight struct {
	req     reqID
	plan    planID
	reply   replyID
	since   uint8
	waiting bool // for the next tier
	// above are the invalidations of the next tier since it was asked. Who waits
	// for a flight there has seen the same ones as the flight.
	above uint8
}

// given is an answer and the invalidations of its tier since its flight began,
// none when it came from the store.
type given struct {
	reply replyID
	since uint8
	kept  bool // an error that the tier has in its store
}

// family is all views of one kind of visitor with the same document.
type family struct {
	kind  uint8
	after bool
	doc   uint8  // builds of the document
	wants uint64 // what such views may still ask for
	left  []narrowed
	alone []narrowed // builds that may explain the assets alone
}

// narrowed is builds that may explain a view, and the requests whose answers have
// ruled others out; each is asked for once in a view.
type narrowed struct {
	builds uint8
	by     uint64
}

// answered is n after an answer to req that leaves some builds.
func (n narrowed) answered(req reqID, left uint8) narrowed {
	if left != n.builds {
		n.by |= 1 << req
	}
	n.builds = left
	return n
}

// seenDoc is a document that may be shown.
type seenDoc struct {
	builds uint8
	after  bool
	takes  Encodings
}

type fixpoint struct {
	m       *model
	at      []may
	found   found
	changed bool
	kinds   []uint8 // one visitor of each kind
}

// mayHappen is every violation that the fixpoint does not exclude.
func (m *model) mayHappen() found {
	x := fixpoint{m: m}
	for n := range m.nodes {
		x.at = append(x.at, m.nothing(n))
	}
	for i := range m.kinds {
		if m.kindIndex(i) == i && !m.kinds[i].worker {
			x.kinds = append(x.kinds, uint8(i))
		}
	}
	x.hire()
	for n := range m.nodes { // in order: a step leads to a higher number
		x.saturate(n)
		if m.nodes[n].finished {
			x.settle(n)
		}
		for i, to := range m.nodes[n].next {
			if to >= 0 {
				x.flow(n, to, &m.deploy.Mode.Steps[i])
			}
		}
		if stop := m.nodes[n].stop; stop >= 0 {
			x.flow(n, stop, &Step{})
		}
	}
	x.flips()
	return x.found
}

func (m *model) nothing(n int) may {
	y := may{node: n}
	for _, t := range m.tiers {
		y.cells = append(y.cells, make([][]storedID, len(t.rules.keys)))
		y.flights = append(y.flights, nil)
		y.asked = append(y.asked, 0)
		y.gives = append(y.gives, make([][]given, len(m.reqs)))
	}
	y.private = make([][]storedID, len(m.browser.keys))
	return y
}

// add puts v into a set that is kept as a list.
func add[T comparable](x *fixpoint, list *[]T, v T) {
	if !slices.Contains(*list, v) {
		*list = append(*list, v)
		x.changed = true
	}
}

// saturate adds what is possible at x.at[n] until there is no more.
func (x *fixpoint) saturate(n int) {
	for x.changed = true; x.changed; {
		x.changed = false
		y := &x.at[n]
		for t := range x.m.tiers {
			x.age(&y.cells[t])
			x.requests(y, t)
			x.landings(y, t)
			x.poison(y, t)
		}
		x.age(&y.private)
		x.crawl(y)
		x.navigate(y)
		x.comeBack(y)
		x.work(y)
		for i := 0; i < len(y.views); i++ {
			for set := y.views[i].wants; set != 0; set &= set - 1 {
				x.ask(y, i, reqID(bits.TrailingZeros64(set)))
			}
		}
	}
}

// age adds what time makes of stored responses, however much of it passes.
func (x *fixpoint) age(cells *[][]storedID) {
	for k := range *cells {
		list := &(*cells)[k]
		for i := 0; i < len(*list); i++ {
			s := (*list)[i]
			if x.m.quiet(s) {
				continue
			}
			add(x, list, x.m.older(s, x.m.stored[s].next))
		}
	}
}

// requests works out what a tier does about what it is asked.
func (x *fixpoint) requests(y *may, t int) {
	m := x.m
	r, next := m.tiers[t].rules, m.tiers[t].next
	for set := y.asked[t]; set != 0; set &= set - 1 {
		req := reqID(bits.TrailingZeros64(set))
		for i, cell := -1, y.cells[t][r.key[req]]; i < len(cell); i++ {
			s := storedID(0)
			if i >= 0 {
				s = cell[i]
			}
			id := r.plan(req, s)
			p := m.plans[id]
			if p.action == cachepolicy.Serve || p.action == cachepolicy.ServeThenRevalidate {
				rep := r.served(p.stored)
				add(x, &y.gives[t][req], given{reply: rep, kept: m.replies[rep].status >= 500})
			}
			if p.action == cachepolicy.Serve {
				continue
			}
			if p.action == cachepolicy.ServeThenRevalidate {
				id = r.refresh(req, p.stored)
			}
			f := maybeFlight{req: req, plan: id, waiting: true}
			if next >= 0 {
				x.want(&y.asked[next], r.forward[req])
				add(x, &y.flights[t], f)
				continue
			}
			f.waiting = false
			for s := range m.servers() {
				f.reply = m.conditional(id, m.originReply(y.node, s, r.forward[req]))
				add(x, &y.flights[t], f)
			}
			if m.outages() > 0 {
				f.reply = m.failing()
				add(x, &y.flights[t], f)
			}
		}
	}
}

func (x *fixpoint) want(set *uint64, req reqID) {
	if *set&(1<<req) == 0 {
		*set |= 1 << req
		x.changed = true
	}
}

// landings works out what becomes of flights that end now.
func (x *fixpoint) landings(y *may, t int) {
	m := x.m
	r, next := m.tiers[t].rules, m.tiers[t].next
	for i := 0; i < len(y.flights[t]); i++ {
		f := y.flights[t][i]
		if f.waiting {
			for _, g := range y.gives[next][r.forward[f.req]] {
				if g.since == f.above {
					add(x, &y.flights[t], maybeFlight{req: f.req, plan: f.plan, since: f.since, reply: m.conditional(f.plan, g.reply)})
				}
			}
			continue
		}
		out := r.settle(f.req, f.plan, f.reply)
		add(x, &y.gives[t][f.req], given{reply: out.answer, since: f.since})
		if out.share {
			for other := range m.reqs {
				if r.key[other] == r.key[f.req] {
					add(x, &y.gives[t][other], given{reply: out.answer, since: f.since})
				}
			}
		}
		if out.store != 0 && (f.since == 0 || r.keepsLate(f.req) || !m.coveredSince(f.since, out.store)) {
			add(x, &y.cells[t][r.key[f.req]], out.store)
		}
	}
}

func (x *fixpoint) poison(y *may, t int) {
	for k, list := range y.cells[t] {
		for _, s := range list {
			if x.m.poisoned(y.node, t, uint8(k), s) {
				x.found.add(poisonedKey, x.m.nodes[y.node].finished)
			}
		}
	}
}

// navigate begins views of every kind.
func (x *fixpoint) navigate(y *may) {
	for _, k := range x.kinds {
		if x.m.kinds[k].early() && x.m.nodes[y.node].done != 0 {
			continue
		}
		for _, p := range x.m.pagesBy[k] {
			x.family(y, family{kind: k, after: y.settled}, 1<<p)
		}
	}
}

// family is the family of views like f at a node, which wants more.
func (x *fixpoint) family(y *may, f family, wants uint64) *family {
	for i := range y.views {
		g := &y.views[i]
		if g.kind == f.kind && g.after == f.after && g.doc == f.doc {
			if g.wants|wants != g.wants {
				g.wants |= wants
				x.changed = true
			}
			return g
		}
	}
	x.changed = true
	f.wants = wants
	f.left, f.alone = []narrowed{{f.doc, 0}}, []narrowed{{0xff, 0}}
	y.views = append(y.views, f)
	return &y.views[len(y.views)-1]
}

// ask lets the views of a family ask for one of the things they want.
func (x *fixpoint) ask(y *may, i int, req reqID) {
	m := x.m
	k := m.kinds[y.views[i].kind]
	if k.early() && y.views[i].doc == 0 && m.nodes[y.node].done != 0 {
		x.awaitPage(y, i, req)
		return
	}
	if !k.private {
		x.want(&y.asked[k.entry], req)
		for _, g := range y.gives[k.entry][req] {
			x.deliver(y, i, req, g.reply, g.kept)
		}
		return
	}
	key := m.browser.key[req]
	for j, cell := -1, y.private[key]; j < len(cell); j++ {
		s := storedID(0)
		if j >= 0 {
			s = cell[j]
		}
		id := m.browser.plan(req, s)
		if m.plans[id].action == cachepolicy.Serve {
			x.deliver(y, i, req, m.browser.served(s), true)
			continue
		}
		x.want(&y.asked[k.entry], req)
		for _, g := range y.gives[k.entry][req] {
			out := m.browser.settle(req, id, m.conditional(id, g.reply))
			if out.store != 0 {
				add(x, &y.private[key], out.store)
			}
			x.deliver(y, i, req, out.answer, g.kept)
		}
	}
}

// awaitPage gives the views of a family what flights may bring that were open
// before the deploy: an old tab asked then, and does not ask for its page again.
func (x *fixpoint) awaitPage(y *may, i int, req reqID) {
	t := x.m.kinds[y.views[i].kind].entry
	r := x.m.tiers[t].rules
	for _, f := range y.flights[t] {
		if !f.waiting && r.key[f.req] == r.key[req] {
			x.deliver(y, i, req, r.settle(f.req, f.plan, f.reply).answer, false)
		}
	}
}

// deliver gives an answer to the views of a family. kept: some cache had it.
func (x *fixpoint) deliver(y *may, i int, req reqID, rep replyID, kept bool) {
	m := x.m
	f := y.views[i]
	r := &m.replies[rep]
	if excused(r, kept) {
		return
	}
	if f.doc == 0 {
		v := visitor{after: f.after}
		doc := m.judgePage(y.node, req, &v, rep, &x.found)
		if doc != 0 {
			add(x, &y.docs, seenDoc{doc, f.after, m.taken[req]})
			x.family(y, family{kind: f.kind, after: f.after, doc: doc}, m.follow(req, r.body))
		}
		return
	}
	for _, left := range f.left {
		for _, alone := range f.alone {
			if (left.by|alone.by)&(1<<req) != 0 {
				continue
			}
			doc, all := left.builds, alone.builds
			m.judgeAsset(y.node, req, f.after, rep, &doc, &all, &x.found)
			add(x, &y.views[i].left, left.answered(req, doc))
			if all != 0 {
				add(x, &y.views[i].alone, alone.answered(req, all))
			}
		}
	}
	if r.status == 200 && !m.bodies[r.body].page && !m.unreadable(req, r) {
		x.family(y, f, m.follow(req, r.body))
	}
}
