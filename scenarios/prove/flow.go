package prove

// settle goes on after a finished node from when all flights have landed: what
// is stored stays, and from now on views count as begun after the deploy.
func (x *fixpoint) settle(n int) {
	after := x.m.nothing(n)
	after.settled = true
	x.at = append(x.at, after)
	x.flow(n, len(x.at)-1, &Step{})
	x.at[len(x.at)-1].flights = make([][]maybeFlight, len(x.m.tiers))
	x.saturate(len(x.at) - 1)
}

// flow carries what is possible at a node over a step to the next.
func (x *fixpoint) flow(n, to int, s *Step) {
	from, y, m := &x.at[n], &x.at[to], x.m
	for t := range m.tiers {
		hit := m.hits(s, t)
		for k, list := range from.cells[t] {
			for _, id := range list {
				if !hit || !m.covers(s.inv, id) {
					add(x, &y.cells[t][k], m.older(id, waitOf(s)))
				}
			}
		}
		for _, f := range from.flights[t] {
			if !f.waiting && m.tiers[t].rules.unshared(f.req, f.plan, f.reply) {
				continue // landed at once
			}
			if hit {
				f.since |= 1 << s.inv
			}
			if f.waiting && m.hits(s, m.tiers[t].next) {
				f.above |= 1 << s.inv
			}
			add(x, &y.flights[t], f)
		}
	}
	for k, list := range from.private {
		for _, id := range list {
			add(x, &y.private[k], m.older(id, waitOf(s)))
		}
	}
	for _, v := range from.workers.list {
		x.join(y, v)
	}
	for _, f := range from.views {
		g := x.family(y, f, f.wants)
		for _, v := range f.left {
			add(x, &g.left, v)
		}
		for _, v := range f.alone {
			add(x, &g.alone, v)
		}
	}
}

// flips looks for a document that may be followed by an older one.
func (x *fixpoint) flips() {
	m := x.m
	for _, y := range x.at {
		for _, z := range x.at {
			if m.nodes[y.node].done&^m.nodes[z.node].done != 0 || m.nodes[z.node].back || y.settled && !z.settled {
				continue
			}
			for _, a := range y.docs {
				for _, b := range z.docs {
					if highest(b.builds) < lowest(a.builds) && a.takes == b.takes {
						x.found.add(flipped, b.after)
					}
				}
			}
		}
	}
}
