package prove

import (
	"fmt"
	"math/bits"
	"slices"

	"staleproof/cachepolicy"
)

// tale notes what happens during one move, for a trace. A nil tale notes
// nothing.
type tale struct {
	event    Event
	names    *[maxVisitors]string
	poisoned map[[2]int]bool // keys by tier that were poisoned before
	landings int
	crawler  fetched // what came of a crawler's request
	lands    reqID   // request of the flight that a landing ended
}

func serverName(i int) string { return fmt.Sprintf("s%d", i+1) }

// builds lists the builds in a set, from 1.
func builds(set uint8) []int {
	var out []int
	for ; set != 0; set &= set - 1 {
		out = append(out, bits.TrailingZeros8(set)+1)
	}
	return out
}

func (t *tale) origin(server int) {
	if t != nil {
		t.event.From, t.event.Server = "origin", serverName(server)
	}
}

func (t *tale) served(by string, why cachepolicy.Reason) {
	if t != nil && t.event.From == "" {
		t.event.From, t.event.Result, t.event.Reason = by, string(cachepolicy.Hit), string(why)
	}
}

func (t *tale) missed(tier string, why cachepolicy.Reason) {
	if t != nil && t.event.From != "" && t.event.Result == "" {
		t.event.Reason = string(why)
	}
}

func (t *tale) joined(tier string) {
	if t != nil {
		t.event.Joined, t.event.From, t.event.Reason = true, "flight", string(cachepolicy.Joined)
	}
}

// landed notes a flight that ended in a tier.
func (t *tale) landed(m *model, tier int, a action) {
	if t == nil {
		return
	}
	t.landings++
	name := m.tiers[tier].name
	t.event.Result, t.event.Reason = string(a.result), string(a.why)
	switch {
	case a.drop:
		t.event.Dropped = append(t.event.Dropped, name)
	case a.store != 0 && m.stored[a.store].Lifetime > 0:
		t.event.Stored = append(t.event.Stored, name)
		t.keeps(m, a.store)
	}
	t.answer(m, a.reply)
}

// keeps notes how long a stored response that answers, or that was just stored,
// stays fresh. Tiers nearer to the visitor are told of later.
func (t *tale) keeps(m *model, s storedID) {
	if t != nil && s != 0 {
		t.event.Left = int64(max(0, m.stored[s].Lifetime-m.stored[s].age).Seconds())
	}
}

// flight notes which flight is about to land.
func (t *tale) flight(m *model, tier int, f *flight) {
	if t == nil || t.event.URL != "" {
		return
	}
	spec := &m.tiers[tier]
	t.lands = f.req
	t.event.Actor, t.event.URL, t.event.Asset = spec.name, m.url(f.req), m.names[f.req]
	t.event.Takes = m.taken[f.req]
	t.event.Key = spec.rules.keys[spec.rules.key[f.req]]
}

func (t *tale) answer(m *model, rep replyID) {
	r := &m.replies[rep]
	t.event.Coding = r.coding
	t.event.Status, t.event.Body, t.event.Builds = r.status, m.bodies[r.body].id, builds(m.bodies[r.body].builds)
}

// poison notes the first key that was not poisoned before.
func (t *tale) poison(m *model, tier, key int) {
	if t == nil || t.poisoned[[2]int{tier, key}] {
		return
	}
	t.poisoned[[2]int{tier, key}] = true
	if t.event.Poisoned == "" {
		t.event.Poisoned = m.tiers[tier].rules.keys[key]
	}
}

// received notes what a visitor was given; of several the one whose view is
// violated.
func (t *tale) received(m *model, visitor int, want reqID, rep replyID, view uint8, after bool, f found) {
	if t == nil {
		return
	}
	t.event.For = append(t.event.For, t.names[visitor])
	if len(t.event.For) > 1 && f == 0 {
		return
	}
	t.event.View, t.event.After = builds(view), after
	t.answer(m, rep)
}

// restored notes of which builds the document is that a visitor came back to.
func (t *tale) restored(doc uint8) {
	if t != nil {
		t.event.From, t.event.Builds, t.event.View = "browser", builds(doc), builds(doc)
	}
}

// retell plays moves again and tells what happens, up to the violation v.
func (m *model) retell(moves []move, v violation) Trace {
	w := m.begin()
	var names [maxVisitors]string
	var tr Trace
	poisoned := map[[2]int]bool{}
	called := 0
	for _, mv := range moves {
		t := &tale{names: &names, poisoned: poisoned}
		e := effect{tale: t, seen: &sights{}}
		if k := mv.kind(); asksAs[k] != "" {
			if names[mv.a()] == "" {
				called++
				names[mv.a()] = fmt.Sprintf("v%d", called)
			}
		}
		m.announce(&t.event, &w, mv, &names)
		m.apply(&w, mv, &e)
		m.comment(t, &w, mv)
		if mv.counted() {
			tr.Count++
		}
		t.event.N = tr.Count
		tr.Landings += t.landings
		var o order
		m.canonical(&w, &o)
		old := names
		for from := range m.kinds {
			names[o.visitors[from]] = old[from]
		}
		if !mv.counted() && m.merge(&tr, t) {
			continue
		}
		tr.Events = append(tr.Events, t.event)
	}
	if n := len(tr.Events); n > 0 {
		if v.property() == Binding && tr.Events[n-1].Poisoned == "" {
			tr.Events[n-1].Poisoned = m.poisonedIn(&w)
		}
		tr.Events[n-1].Violation, tr.Events[n-1].Sticky = v.class(), v.sticky()
	}
	return tr
}

// poisonedIn is a key that holds bytes not bound to it.
func (m *model) poisonedIn(w *World) string {
	for t := range m.tiers {
		for k, s := range w.tiers[t].cells[:len(m.tiers[t].rules.keys)] {
			if s != 0 && m.poisoned(int(w.node), t, uint8(k), s) {
				return m.tiers[t].rules.keys[k]
			}
		}
	}
	return ""
}

// asksAs is what a trace calls a visitor's moves.
var asksAs = map[moveKind]EventKind{doNavigate: Navigated, doRequest: Requested, doCheck: WorkerChecked, doPrecache: WorkerFetched}

// ran notes what became of a service worker.
func (t *tale) ran(worker string) {
	if t != nil {
		t.event.Worker = worker
	}
}

// announce fills in what is known of a move before it is made.
func (m *model) announce(ev *Event, w *World, mv move, names *[maxVisitors]string) {
	switch mv.kind() {
	case doStep:
		s := &m.deploy.Mode.Steps[mv.a()]
		ev.Kind, ev.Actor, ev.Step = Deployed, "deploy", s.Name
		if s.Do == Invalidate {
			ev.Kind, ev.Tier, ev.Items = Invalidated, s.Tier, s.Items
		}
		if s.Server > 0 {
			ev.Server = serverName(s.Server - 1)
		}
		if s.Do == Put {
			ev.Builds = []int{s.Build}
		}
	case doStop:
		ev.Kind, ev.Actor = Stopped, "deploy"
	case doNavigate, doRequest, doCheck, doPrecache:
		ev.Kind, ev.Actor = asksAs[mv.kind()], names[mv.a()]
		id := reqID(mv.b())
		ev.URL, ev.Asset, ev.Takes = m.url(id), m.names[id], m.taken[id]
		v := &w.visitors[mv.a()]
		ev.View, ev.After = builds(v.doc), v.after
		entry := &m.tiers[m.kinds[v.kind].entry]
		ev.Visitor, ev.Entry = m.kinds[v.kind].Kind, entry.name
		r := entry.rules
		ev.Key = r.keys[r.key[id]]
	case doOthers:
		ev.Kind, ev.Actor, ev.URL, ev.Asset = Navigated, "others", m.url(reqID(mv.b())), m.names[mv.b()]
		ev.Tier, ev.Takes = m.tiers[mv.a()].name, m.taken[mv.b()]
	case doLand:
		ev.Kind = Landed
	case doFail, doRecover:
		ev.Kind, ev.Actor, ev.Server = Failed, serverName(mv.a()), serverName(mv.a())
		if mv.kind() == doRecover {
			ev.Kind = Recovered
		}
	case doCrawl:
		spec, id := &m.tiers[mv.a()], reqID(mv.b())
		ev.Kind, ev.Actor, ev.Visitor, ev.Entry = Requested, crawlerName, Crawler, spec.name
		ev.Takes = m.taken[id]
		ev.URL, ev.Asset, ev.Key = m.url(id), m.names[id], spec.rules.keys[spec.rules.key[id]]
	case doBack:
		ev.Kind, ev.Actor = Restored, names[mv.a()]
		v := &w.visitors[mv.a()]
		ev.Visitor, ev.Entry = m.kinds[v.kind].Kind, m.tiers[m.kinds[v.kind].entry].name
	case doEvict:
		t := &m.tiers[mv.a()]
		ev.Kind, ev.Actor, ev.Tier, ev.Key = Evicted, t.name, t.name, t.rules.keys[mv.b()]
	case doAdvance:
		ev.Kind, ev.Actor, ev.Seconds = Advanced, "clock", int64(m.boundary(w).Seconds())
	}
}

// comment fills in what is known after a move: what the flight of a visitor who
// waits will bring, and that an answer came from a poisoned key.
func (m *model) comment(t *tale, w *World, mv move) {
	ev := &t.event
	if mv.kind() == doCrawl {
		m.commentCrawl(t, w, mv, &t.crawler)
		return
	}
	if asksAs[mv.kind()] == "" {
		return
	}
	v := &w.visitors[mv.a()]
	entry := m.kinds[v.kind].entry
	key := int(m.tiers[entry].rules.key[mv.b()])
	if ev.From == m.tiers[entry].name && t.poisoned[[2]int{entry, key}] && ev.Poisoned == "" {
		ev.Poisoned = ev.Key
	}
	if !v.waits {
		ev.For = nil // he himself
		return
	}
	ev.via, ev.From, ev.After = ev.From, "flight", v.after
	if rep := w.tiers[v.tier].flights[v.slot].reply; rep != 0 && !ev.Joined {
		t.answer(m, rep)
	}
}

// merge makes one event of a request and the landing of its flight when nothing
// came between, and reports whether it did.
func (m *model) merge(tr *Trace, t *tale) bool {
	if len(tr.Events) == 0 {
		return false
	}
	ask, land := &tr.Events[len(tr.Events)-1], &t.event
	if ask.From != "flight" || !slices.Contains([]EventKind{Navigated, Requested, WorkerChecked, WorkerFetched}, ask.Kind) || ask.Joined {
		return false
	}
	switch {
	case slices.Equal(land.For, []string{ask.Actor}):
	case land.For == nil && land.URL == ask.URL: // one tier handing on to the one before
	default:
		return false
	}
	ask.Coding, ask.Worker = land.Coding, land.Worker
	ask.Status, ask.Body, ask.Builds, ask.Result, ask.Reason = land.Status, land.Body, land.Builds, land.Result, land.Reason
	ask.Stored, ask.Dropped = append(ask.Stored, land.Stored...), append(ask.Dropped, land.Dropped...)
	switch {
	case land.For != nil:
		ask.From, ask.View, ask.After = ask.via, land.View, land.After
	case ask.Visitor == Crawler && land.Actor == ask.Entry:
		ask.From = ask.via
	}
	if land.Left != 0 {
		ask.Left = land.Left
	}
	if ask.Poisoned == "" {
		ask.Poisoned = land.Poisoned
	}
	return true
}
