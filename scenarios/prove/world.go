package prove

import (
	"math/bits"
	"slices"
)

// World is a deploy under way as a value: how far it is, what tiers hold, and
// where visitors stand. Two worlds with the same encoding have the same future.
type World struct {
	node     uint16
	evicted  uint8 // evictions so far, when they are bounded
	down     uint8 // servers that do not work, a bit each
	outages  uint8 // so far
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

	// Of one with a service worker.
	check  bool  // the browser has still to look for a new one
	errand uint8 // what want is for
	script uint8 // release of the worker that is active, from 1
	next   uint8 // of one that is being installed, or waits; 0: none

	pending uint64 // requests still to be made in this view
	asked   uint64 // requests made, as far as asking twice is possible

	private [maxKeys]storedID
}

// begin is the world before the deploy.
func (m *model) begin() World {
	var w World
	for i, k := range m.kinds {
		w.visitors[i] = visitor{kind: uint8(m.kindIndex(i)), left: k.views}
		if k.worker {
			m.firstInstalled(&w.visitors[i])
		}
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
	var first [maxVisitors]uint64 // words, which tell most of them apart
	n := len(m.kinds)
	for i := range n {
		at[i], first[i] = uint8(i), w.visitors[i].first()
	}
	for i := 1; i < n; i++ { // few, nearly sorted, and equal ones must not move
		for j := i; j > 0 && (first[j] < first[j-1] || first[j] == first[j-1] && m.before(&w.visitors[j], &w.visitors[j-1])); j-- {
			w.visitors[j], w.visitors[j-1] = w.visitors[j-1], w.visitors[j]
			first[j], first[j-1] = first[j-1], first[j]
			at[j], at[j-1] = at[j-1], at[j]
		}
	}
	if o != nil {
		for to, from := range at[:n] {
			o.visitors[from] = uint8(to)
		}
	}
}

// before reports whether visitor a comes before visitor b in canonical order, when their
// first words are the same.
func (m *model) before(a, b *visitor) bool {
	for _, x := range [...][2]uint64{{a.second(), b.second()}, {a.pending, b.pending}, {a.asked, b.asked}} {
		if x[0] != x[1] {
			return x[0] < x[1]
		}
	}
	if m.kinds[a.kind].keeps > 0 {
		return slices.Compare(a.private[:], b.private[:]) < 0
	}
	return false
}

// first and second are all of a visitor but what he asks for and his private cache.
func (v *visitor) first() uint64 {
	flags := bit(v.open) | bit(v.after)<<1 | bit(v.waits)<<2 | bit(v.lead)<<3 | bit(v.check)<<4 | v.errand<<5
	return uint64(v.kind)<<56 | uint64(v.left)<<48 | uint64(flags)<<40 | uint64(v.doc)<<32 | uint64(v.all)<<24 | uint64(v.seen)<<16 | uint64(v.want)
}

func (v *visitor) second() uint64 {
	return uint64(v.script)<<60 | uint64(v.next)<<56 | uint64(v.own)<<40 | uint64(v.tier)<<32 | uint64(v.slot)<<24 | uint64(v.plan)
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
		v.idle()
	}
}

func lowest(set uint8) int  { return bits.TrailingZeros8(set) + 1 }
func highest(set uint8) int { return bits.Len8(set) }
