package prove

import (
	"cmp"
	"math/bits"
	"slices"
)

// World is a deploy under way as a value: how far it is, what tiers hold, and
// where visitors stand. Two worlds with the same encoding have the same future.
type World struct {
	node     uint16
	evicted  uint8 // evictions so far, when they are bounded
	tiers    [maxTiers]Tier
	visitors [maxVisitors]visitor
}

// visitor is a small automaton: he begins a view by asking for a page, and then
// asks for what its bytes lead to, one after the other, in any order, as slowly
// as he likes.
type visitor struct {
	kind uint8
	left uint8 // views he may still begin

	open  bool  // in a view
	after bool  // which began when the deploy had ended and no flight was open
	doc   uint8 // builds that explain the view so far, document included; 0: no document yet
	all   uint8 // builds that explain the assets alone
	seen  uint8 // builds of the newest document of earlier views

	waits bool // for the answer to want
	want  reqID
	lead  bool  // his request opened the flight, so he gets the answer in any case
	tier  uint8 // of the flight he waits for
	slot  uint8
	own   planID // of his first tier when he joined, if not what that flight is about; else 0
	plan  planID // of his private cache

	pending uint64 // requests still to be made in this view
	asked   uint64 // requests made, as far as asking twice is possible

	private [maxKeys]storedID
}

// begin is the world before the deploy.
func (m *model) begin() World {
	var w World
	for i, k := range m.kinds {
		w.visitors[i] = visitor{kind: uint8(m.kindIndex(i)), left: k.views}
	}
	m.canonical(&w, nil)
	return w
}

// kindIndex is the first visitor of the same kind: visitors with one index are
// interchangeable.
func (m *model) kindIndex(i int) int {
	for j := range i {
		if m.kinds[j] == m.kinds[i] {
			return j
		}
	}
	return i
}

// flying reports whether any flight is open.
func (m *model) flying(w *World) bool {
	for i := range m.tiers {
		for j := range w.tiers[i].flights {
			if w.tiers[i].flights[j].open {
				return true
			}
		}
	}
	return false
}

// order is how visitors and flights were renumbered, so that a trace can call
// them by the same names throughout.
type order struct {
	visitors [maxVisitors]uint8 // where each went
}

// canonical renumbers flights and visitors of one kind, which nothing tells
// apart but their numbers.
func (m *model) canonical(w *World, o *order) {
	if m.noReduction {
		for i := range m.kinds {
			if o != nil {
				o.visitors[i] = uint8(i)
			}
		}
		return
	}
	for i := len(m.tiers) - 1; i >= 0; i-- {
		t := m.nearOrigin[i]
		moved, changed := w.tiers[t].sorted()
		if !changed {
			continue
		}
		for v := range m.kinds {
			if x := &w.visitors[v]; x.waits && int(x.tier) == t {
				x.slot = moved[x.slot]
			}
		}
		for d := range m.tiers {
			if m.tiers[d].next != t {
				continue
			}
			for j := range w.tiers[d].flights {
				if f := &w.tiers[d].flights[j]; f.above != 0 {
					f.above = 1 + moved[f.above-1]
				}
			}
		}
	}
	m.sortVisitors(w, o)
}

func (m *model) sortVisitors(w *World, o *order) {
	var at [maxVisitors]uint8
	n := len(m.kinds)
	for i := range n {
		at[i] = uint8(i)
	}
	for i := 1; i < n; i++ { // few, nearly sorted, and equal ones must not move
		for j := i; j > 0 && compareVisitors(&w.visitors[j], &w.visitors[j-1]) < 0; j-- {
			w.visitors[j], w.visitors[j-1] = w.visitors[j-1], w.visitors[j]
			at[j], at[j-1] = at[j-1], at[j]
		}
	}
	if o != nil {
		for to, from := range at[:n] {
			o.visitors[from] = uint8(to)
		}
	}
}

func compareVisitors(a, b *visitor) int {
	x, y := a.packed(), b.packed()
	for i := range x {
		if x[i] != y[i] {
			return cmp.Compare(x[i], y[i])
		}
	}
	return slices.Compare(a.private[:], b.private[:])
}

// packed is all of a visitor but his private cache.
func (v *visitor) packed() [4]uint64 {
	flags := bit(v.open) | bit(v.after)<<1 | bit(v.waits)<<2 | bit(v.lead)<<3
	return [4]uint64{
		uint64(v.kind)<<56 | uint64(v.left)<<48 | uint64(flags)<<40 | uint64(v.doc)<<32 | uint64(v.all)<<24 | uint64(v.seen)<<16 | uint64(v.want),
		uint64(v.own)<<40 | uint64(v.tier)<<32 | uint64(v.slot)<<24 | uint64(v.plan),
		v.pending, v.asked,
	}
}

// encode appends the world's canonical encoding to b. Its length is the same for
// all worlds of a model.
func (m *model) encode(b []byte, w *World) []byte {
	b = append(b, byte(w.node), byte(w.node>>8), w.evicted)
	for i := range m.tiers {
		t := &w.tiers[i]
		for _, s := range t.cells[:len(m.tiers[i].rules.keys)] {
			b = append(b, byte(s), byte(s>>8))
		}
		for j := range t.flights[:m.slots] {
			f := &t.flights[j]
			b = append(b, bit(f.open)|bit(f.lead)<<1|f.above<<2, byte(f.req), byte(f.plan), byte(f.plan>>8), byte(f.reply), byte(f.reply>>8), f.since, byte(f.own), byte(f.own>>8))
		}
	}
	for i := range m.kinds {
		v := &w.visitors[i]
		b = append(b, v.kind|v.left<<4,
			bit(v.open)|bit(v.after)<<1|bit(v.waits)<<2|bit(v.lead)<<3, v.tier|v.slot<<4,
			v.doc, v.all, v.seen, byte(v.want), byte(v.own), byte(v.own>>8))
		for n := 0; n < len(m.reqs); n += 8 {
			b = append(b, byte(v.pending>>n), byte(v.asked>>n))
		}
		if m.kinds[v.kind].private {
			b = append(b, byte(v.plan), byte(v.plan>>8))
			for _, s := range v.private[:len(m.browser.keys)] {
				b = append(b, byte(s), byte(s>>8))
			}
		}
	}
	return b
}

// decode is the inverse of encode.
func (m *model) decode(w *World, b []byte) {
	*w = World{}
	w.node, w.evicted, b = uint16(b[0])|uint16(b[1])<<8, b[2], b[3:]
	for i := range m.tiers {
		t := &w.tiers[i]
		for k := range m.tiers[i].rules.keys {
			t.cells[k], b = storedID(b[0])|storedID(b[1])<<8, b[2:]
		}
		for j := range m.slots {
			t.flights[j] = flight{
				open: b[0]&1 != 0, lead: b[0]&2 != 0, above: b[0] >> 2, req: reqID(b[1]),
				plan: planID(b[2]) | planID(b[3])<<8, reply: replyID(b[4]) | replyID(b[5])<<8, since: b[6],
				own: planID(b[7]) | planID(b[8])<<8,
			}
			b = b[9:]
		}
	}
	for i := range m.kinds {
		v := &w.visitors[i]
		v.kind, v.left = b[0]&15, b[0]>>4
		v.open, v.after, v.waits, v.lead = b[1]&1 != 0, b[1]&2 != 0, b[1]&4 != 0, b[1]&8 != 0
		v.tier, v.slot = b[2]&15, b[2]>>4
		v.doc, v.all, v.seen, v.want = b[3], b[4], b[5], reqID(b[6])
		v.own = planID(b[7]) | planID(b[8])<<8
		b = b[9:]
		for n := 0; n < len(m.reqs); n += 8 {
			v.pending |= uint64(b[0]) << n
			v.asked |= uint64(b[1]) << n
			b = b[2:]
		}
		if m.kinds[v.kind].private {
			v.plan, b = planID(b[0])|planID(b[1])<<8, b[2:]
			for k := range m.browser.keys {
				v.private[k], b = storedID(b[0])|storedID(b[1])<<8, b[2:]
			}
		}
	}
}

func bit(b bool) byte {
	if b {
		return 1
	}
	return 0
}

// forget drops from a visitor what can have no influence any more.
func (m *model) forget(v *visitor) {
	v.asked &= m.repeated
	if v.waits || v.pending != 0 {
		return
	}
	if v.open {
		v.open, v.after, v.doc, v.all, v.asked, v.want = false, false, 0, 0, 0, 0
	}
	if v.left == 0 {
		v.seen, v.plan, v.private = 0, 0, [maxKeys]storedID{}
	}
}

func lowest(set uint8) int  { return bits.TrailingZeros8(set) + 1 }
func highest(set uint8) int { return bits.Len8(set) }
