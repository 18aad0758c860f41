package prove

import "math/bits"

// The fixpoint follows those with a service worker one by one: every state that such a
// visitor may be in, with whatever answers may be given. What one has installed
// depends on what he was given before, so that sets of what is possible would lose too
// much: nobody whose worker compares hashes ever has files of two releases. Others, and
// other visitors of the kind, are the caches' concern as ever.

// maxCrew is how many states there may be at one stage; beyond them nothing is excluded.
const maxCrew = 1 << 13

// crew is every state that a visitor with a service worker may be in.
type crew struct {
	list []visitor
	have map[visitor]bool
}

// hire puts one visitor of each kind that has a worker before the deploy.
func (x *fixpoint) hire() {
	w := x.m.begin()
	for i := range x.m.kinds {
		if v := w.visitors[i]; x.m.kinds[v.kind].worker {
			x.join(&x.at[0], v)
		}
	}
}

// join adds a state.
func (x *fixpoint) join(y *may, v visitor) {
	c := &y.workers
	switch {
	case c.have[v]:
	case len(c.list) >= maxCrew:
		x.found |= 1<<noViolation - 1
		x.m.workerFlips |= flips
	default:
		if c.have == nil {
			c.have = map[visitor]bool{}
		}
		c.have[v] = true
		c.list = append(c.list, v)
		x.changed = true
	}
}

// work lets each do whatever he may do next.
func (x *fixpoint) work(y *may) {
	m := x.m
	for i := 0; i < len(y.workers.list); i++ {
		v := y.workers.list[i]
		if !v.open && v.left > 0 {
			for _, p := range m.pagesBy[v.kind] {
				to := v
				m.beginView(&to, y.settled)
				to.asked |= 1 << p
				x.obtain(y, to, p)
			}
		}
		for set := v.pending; set != 0; set &= set - 1 {
			to, want := v, reqID(bits.TrailingZeros64(set))
			to.pending &^= 1 << want
			to.asked |= 1 << want
			x.obtain(y, to, want)
		}
		for _, mv := range m.errands(nil, &v, 0) {
			to := v
			to.errand = installs
			if mv.kind() == doCheck {
				to.check, to.errand = false, checks
			}
			x.obtain(y, to, reqID(mv.b()))
		}
	}
}

// obtain gives a visitor whatever may be the answer to what he asks for.
func (x *fixpoint) obtain(y *may, v visitor, want reqID) {
	m := x.m
	entry := m.kinds[v.kind].entry
	if rep, ok := m.precached(&v, want); ok && v.errand == ofView {
		x.obtained(y, v, want, given{reply: rep, kept: true})
		return
	}
	x.want(&y.asked[entry], want)
	for _, g := range y.gives[entry][want] {
		x.obtained(y, v, want, g)
	}
}

func (x *fixpoint) obtained(y *may, v visitor, want reqID, g given) {
	m := x.m
	if v.errand != ofView {
		m.ran(&v, want, g.reply)
	} else {
		f := found(0)
		m.look(y.node, &v, want, g.reply, g.kept, &f)
		x.found |= f
		m.workerFlips |= f & flips
	}
	m.forget(&v)
	x.join(y, v)
}
