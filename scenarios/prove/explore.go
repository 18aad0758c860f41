package prove

import (
	"context"
	"fmt"
)

// exploration is what the explorer found.
type exploration struct {
	found  found
	first  [noViolation]finding // by violation, where found has it
	states int
	depth  int    // counted events of the longest way
	out    string // what ran out; "": everything within the bounds was explored
	seen   sights
}

// finding is a shortest way to a violation: a state and the move that violates.
type finding struct {
	moves []move
	count int
	state uint32
	by    move
}

// explore walks every world that can be reached, those after fewer counted
// events first, so that the first way found to a violation is a shortest one.
// A landing does not count, so it leads to a world of the same depth.
func (m *model) explore(ctx context.Context, progress func(states, depth int)) exploration {
	var x exploration
	w := m.begin()
	enc := m.encode(nil, &w)
	s := newStates(len(enc))
	s.add(enc, 0, 0, 0)
	now, next := []uint32{0}, []uint32(nil)
	var list []move
	for depth := 0; len(now) > 0; depth++ {
		for i := 0; i < len(now); i++ {
			n := now[i]
			if int(s.depth[n]) != depth {
				continue // a shorter way was found meanwhile
			}
			if i&0xfff == 0xfff {
				if x.out = m.exhausted(ctx, s); x.out != "" {
					break
				}
				if progress != nil {
					progress(s.len(), depth)
				}
			}
			m.decode(&w, s.at(n))
			x.seen.last = x.seen.last || m.nodes[w.node].finished
			list = m.moves(list[:0], &w)
			for _, mv := range list {
				for server := range m.servers() {
					if server > 0 && m.repeatsAnswer(int(w.node), server, m.atOrigin(reqID(mv.b()))) {
						continue
					}
					mv := mv | move(server)
					asked := m.try(&x, s, &w, n, mv, depth, &enc, &now, &next)
					if !asked {
						break
					}
				}
			}
		}
		x.depth = depth
		if x.out != "" {
			break
		}
		now, next = next, now[:0]
	}
	x.states = s.len()
	for v := range x.first {
		if x.found.has(violation(v)) {
			f := &x.first[v]
			f.moves = append(s.way(f.state), f.by)
		}
	}
	return x
}

// try makes one move in a copy of w and notes where it leads.
func (m *model) try(x *exploration, s *states, w *World, n uint32, mv move, depth int, enc *[]byte, now, next *[]uint32) (asked bool) {
	to := *w
	e := effect{seen: &x.seen}
	m.apply(&to, mv, &e)
	if e.refused {
		return false
	}
	x.seen.move(mv, m, w)
	at := depth
	if mv.counted() {
		at++
	}
	if e.found != 0 {
		x.note(e.found, n, mv, at)
	}
	m.canonical(&to, nil)
	*enc = m.encode((*enc)[:0], &to)
	if id, isNew := s.add(*enc, n, mv, uint16(at)); isNew {
		if at == depth {
			*now = append(*now, id)
		} else {
			*next = append(*next, id)
		}
	}
	return e.asked
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
