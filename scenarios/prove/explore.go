package prove

import (
	"context"
	"fmt"
)

// exploration is what the explorer found.
type exploration struct {
	found   found
	first   [noViolation]finding // by violation, where found has it
	states  int
	bytes   int64  // in use for states
	depth   int    // counted events of the longest way
	blocked bool   // the bound on open flights kept something from happening
	out     string // what ran out; "": everything within the bounds was explored
	seen    sights
}

// finding is a shortest way to a violation: a state and the move that violates.
type finding struct {
	moves []move
	count int
	state uint32
	by    move
}

// explore walks every world that can be reached; if there are more numbers than
// fit into narrow encodings, once more with wide ones.
func (m *model) explore(ctx context.Context, progress func(states, depth int)) exploration {
	x := m.walk(ctx, progress)
	if m.tooNarrow {
		m.wide, m.tooNarrow = true, false
		x = m.walk(ctx, progress)
	}
	return x
}

// walk walks every world that can be reached, those after fewer counted
// events first, so that the first way found to a violation is a shortest one.
// A landing does not count, so it leads to a world of the same depth. Of worlds
// of one depth those without open flights come first: among shortest ways, one
// in which flights land at once is told.
func (m *model) walk(ctx context.Context, progress func(states, depth int)) exploration {
	var x exploration
	w := m.begin()
	f := frontier{m: m, x: &x}
	f.enc = m.encode(nil, &w)
	f.states = newStates(len(f.enc))
	f.add(&w, 0, 0, 0)
	f.now, f.next = f.next, [2][]uint32{}
	for n := 0; ; n++ {
		if n&0xff == 0xff {
			if x.out = m.exhausted(ctx, f.states); x.out != "" {
				break
			}
			if progress != nil {
				progress(f.states.len(), f.depth)
			}
		}
		id, ok := f.take()
		if !ok || m.tooNarrow {
			break
		}
		f.expand(id)
	}
	x.depth, x.states, x.bytes = f.depth, f.states.len(), f.states.bytes()
	for v := range x.first {
		if x.found.has(violation(v)) {
			g := &x.first[v]
			g.moves = append(f.states.way(g.state), g.by)
		}
	}
	return x
}

// frontier is the worlds that are known but not yet explored.
type frontier struct {
	m         *model
	x         *exploration
	states    *states
	depth     int
	now, next [2][]uint32 // of this depth and one more; without and with open flights
	enc       []byte
	list      []move
}

// take is the next world to explore.
func (f *frontier) take() (uint32, bool) {
	for {
		for i := range f.now {
			for len(f.now[i]) > 0 {
				id := f.now[i][0]
				f.now[i] = f.now[i][1:]
				if int(f.states.depth[id]) == f.depth { // else a shorter way was found meanwhile
					return id, true
				}
			}
		}
		if len(f.next[0])+len(f.next[1]) == 0 {
			return 0, false
		}
		f.depth++
		f.now, f.next = f.next, [2][]uint32{}
	}
}

// add puts a world on the frontier, unless it is known.
func (f *frontier) add(w *World, from uint32, by move, depth int) {
	f.m.canonical(w, nil)
	f.enc = f.m.encode(f.enc[:0], w)
	f.push(f.m.flying(w), from, by, depth)
}

// push puts the world that is encoded on the frontier, unless it is known.
func (f *frontier) push(flying bool, from uint32, by move, depth int) {
	id, isNew := f.states.add(f.enc, from, by, uint16(depth))
	if !isNew {
		return
	}
	list := 0
	if flying {
		list = 1
	}
	if depth == f.depth && from != id {
		f.now[list] = append(f.now[list], id)
	} else {
		f.next[list] = append(f.next[list], id)
	}
}

// expand makes every move that is possible in a world.
func (f *frontier) expand(id uint32) {
	m, x := f.m, f.x
	var w World
	m.decode(&w, f.states.at(id))
	x.seen.last = x.seen.last || m.nodes[w.node].finished
	f.list = m.moves(f.list[:0], &w)
	for _, mv := range f.list {
		if mv.kind() == doEvict && id != 0 && !m.noReduction && !m.everyEviction && m.cameBefore(mv, &w, f.states.by[id], f.states.at(f.states.from[id])) {
			continue
		}
		depth := f.depth
		if mv.counted() {
			depth++
		}
		if mv.kind() == doEvict && !m.wide && !m.noReduction {
			x.seen.move(mv)
			f.enc = m.encodeEvicted(f.enc[:0], f.states.at(id), mv.a(), mv.b())
			f.push(m.flying(&w), id, mv, depth)
			continue
		}
		for server := range m.servers() {
			if server > 0 && !m.noReduction && m.repeats(&w, server, m.asksFor(&w, mv)) {
				continue
			}
			to, e := w, effect{seen: &x.seen}
			m.apply(&to, mv|move(server), &e)
			if e.refused {
				x.blocked = true
				break
			}
			x.seen.move(mv)
			if e.idle {
				break
			}
			if e.found != 0 {
				x.note(e.found, id, mv|move(server), depth)
			}
			f.add(&to, id, mv|move(server), depth)
			if !e.asked {
				break
			}
		}
	}
}

// asksFor is what the servers are asked for by a move, if they are.
func (m *model) asksFor(w *World, mv move) reqID {
	var t int
	id := reqID(mv.b())
	switch mv.kind() {
	case doNavigate, doRequest, doCheck, doPrecache:
		t = m.kinds[w.visitors[mv.a()].kind].entry
	case doOthers, doCrawl:
		t = mv.a()
	case doLand:
		t, id = mv.a(), w.tiers[mv.a()].flights[mv.b()].req
	default:
		return 0
	}
	for ; t >= 0; t = m.tiers[t].next {
		id = m.tiers[t].rules.forward[id]
	}
	return id
}

func (x *exploration) note(f found, n uint32, mv move, count int) {
	for v := range noViolation {
		if !f.has(v) || x.found.has(v) && x.first[v].count <= count {
			continue
		}
		x.found |= 1 << v
		x.first[v] = finding{state: n, by: mv, count: count}
	}
}

// exhausted says which bound was reached, or that the caller gave up.
func (m *model) exhausted(ctx context.Context, s *states) string {
	switch {
	case ctx.Err() != nil:
		return ctx.Err().Error()
	case s.len() > m.bounds.States:
		return fmt.Sprintf("the bound of %d states was reached", m.bounds.States)
	case s.bytes() > m.bounds.Memory:
		return fmt.Sprintf("the bound of %d bytes for states was reached", m.bounds.Memory)
	}
	return ""
}
