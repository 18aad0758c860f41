package prove

// encode appends the world's canonical encoding to b. Its length is the same for
// all worlds of a model. Numbers of stored responses, plans and replies take one
// byte each, as long as there are few of them; see wide.
func (m *model) encode(b []byte, w *World) []byte {
	over := uint16(0)
	b = append(b, byte(w.node), byte(w.node>>8), w.evicted)
	if m.outages() > 0 {
		b = append(b, w.down|w.outages<<4)
	}
	for i := range m.tiers {
		t := &w.tiers[i]
		for _, s := range t.cells[:len(m.tiers[i].rules.keys)] {
			over |= uint16(s)
			b = append(b, byte(s))
		}
		for j := range t.flights[:m.slots] {
			f := &t.flights[j]
			over |= uint16(f.plan) | uint16(f.reply) | uint16(f.own)
			b = append(b, bit(f.open)|bit(f.lead)<<1|f.above<<2, byte(f.req), byte(f.plan), byte(f.reply), f.since, byte(f.own))
		}
	}
	for i := range m.kinds {
		v := &w.visitors[i]
		over |= uint16(v.own)
		b = append(b, v.kind|v.left<<4,
			bit(v.open)|bit(v.after)<<1|bit(v.waits)<<2|bit(v.lead)<<3, v.tier|v.slot<<4,
			v.doc, v.all, v.seen, byte(v.want), byte(v.own))
		for n := 0; n < len(m.reqs); n += 8 {
			b = append(b, byte(v.pending>>n), byte(v.asked>>n))
		}
		k := &m.kinds[v.kind]
		if k.worker {
			b = append(b, v.script|v.next<<4, bit(v.check)|v.errand<<1)
		} else if k.private {
			over |= uint16(v.plan)
			b = append(b, byte(v.plan))
		}
		for _, s := range v.private[:k.keeps] {
			over |= uint16(s)
			b = append(b, byte(s))
		}
	}
	if m.wide {
		m.numbers(w, func(n uint16) uint16 {
			b = append(b, byte(n>>8))
			return n
		})
	}
	m.tooNarrow = m.tooNarrow || over > 0xff && !m.wide
	return b
}

// encodeEvicted appends what encode does for a world once a tier has forgotten a key,
// given the encoding of the world before. Nothing else changes, and neither does the
// canonical order, so only those bytes have to be written. Encodings are narrow.
func (m *model) encodeEvicted(b, world []byte, tier, key int) []byte {
	from := len(b)
	b = append(b, world...)
	b[from+m.tierAt(tier)+key] = 0
	if m.bounds.Evictions > 0 {
		b[from+2]++
	}
	return b
}

// tierAt is where in an encoding the keys of a tier begin, and its flights after them.
func (m *model) tierAt(tier int) int {
	at := 3 + int(bit(m.outages() > 0))
	for i := range tier {
		at += len(m.tiers[i].rules.keys) + 6*m.slots
	}
	return at
}

// flightReq is the request of a flight in an encoded world.
func (m *model) flightReq(world []byte, tier, slot int) reqID {
	return reqID(world[m.tierAt(tier)+len(m.tiers[tier].rules.keys)+6*slot+1])
}

// decode is the inverse of encode.
func (m *model) decode(w *World, b []byte) {
	*w = World{}
	w.node, w.evicted, b = uint16(b[0])|uint16(b[1])<<8, b[2], b[3:]
	if m.outages() > 0 {
		w.down, w.outages, b = b[0]&15, b[0]>>4, b[1:]
	}
	for i := range m.tiers {
		t := &w.tiers[i]
		for k := range m.tiers[i].rules.keys {
			t.cells[k], b = storedID(b[0]), b[1:]
		}
		for j := range m.slots {
			t.flights[j] = flight{
				open: b[0]&1 != 0, lead: b[0]&2 != 0, above: b[0] >> 2, req: reqID(b[1]),
				plan: planID(b[2]), reply: replyID(b[3]), since: b[4], own: planID(b[5]),
			}
			b = b[6:]
		}
	}
	for i := range m.kinds {
		v := &w.visitors[i]
		v.kind, v.left = b[0]&15, b[0]>>4
		v.open, v.after, v.waits, v.lead = b[1]&1 != 0, b[1]&2 != 0, b[1]&4 != 0, b[1]&8 != 0
		v.tier, v.slot = b[2]&15, b[2]>>4
		v.doc, v.all, v.seen, v.want, v.own = b[3], b[4], b[5], reqID(b[6]), planID(b[7])
		b = b[8:]
		for n := 0; n < len(m.reqs); n += 8 {
			v.pending |= uint64(b[0]) << n
			v.asked |= uint64(b[1]) << n
			b = b[2:]
		}
		k := &m.kinds[v.kind]
		if k.worker {
			v.script, v.next, v.check, v.errand, b = b[0]&15, b[0]>>4, b[1]&1 != 0, b[1]>>1, b[2:]
		} else if k.private {
			v.plan, b = planID(b[0]), b[1:]
		}
		for n := range k.keeps {
			v.private[n], b = storedID(b[0]), b[1:]
		}
	}
	if m.wide {
		m.numbers(w, func(n uint16) uint16 {
			n |= uint16(b[0]) << 8
			b = b[1:]
			return n
		})
	}
}

// numbers calls each for every number of a stored response, plan or reply in a
// world, in the order of the encoding, and puts what it returns in its place.
func (m *model) numbers(w *World, each func(uint16) uint16) {
	for i := range m.tiers {
		t := &w.tiers[i]
		for k := range m.tiers[i].rules.keys {
			t.cells[k] = storedID(each(uint16(t.cells[k])))
		}
		for j := range m.slots {
			f := &t.flights[j]
			f.plan, f.reply, f.own = planID(each(uint16(f.plan))), replyID(each(uint16(f.reply))), planID(each(uint16(f.own)))
		}
	}
	for i := range m.kinds {
		v := &w.visitors[i]
		v.own = planID(each(uint16(v.own)))
		if m.kinds[v.kind].private {
			v.plan = planID(each(uint16(v.plan)))
			for k := range m.browser.keys {
				v.private[k] = storedID(each(uint16(v.private[k])))
			}
		}
	}
}
