package prove

// fetched is what came of asking a tier: a reply, or a flight to wait for.
type fetched struct {
	reply   replyID
	kept    bool // it was in the tier's store
	waits   bool
	lead    bool
	tier    int
	slot    uint8
	own     planID // of one who joined: what he planned, if not what the flight is about
	refused bool
}

// idle reports whether asking changed nothing in any tier: the answer was stored, or a
// flight for it was open.
func (f *fetched) idle() bool { return f.kept || f.waits && !f.lead }

// fetch asks a tier, which may ask the next, down to the server.
func (m *model) fetch(w *World, t int, req reqID, server int, e *effect) fetched {
	return m.fetchAs(w, t, req, 0, server, e)
}

// fetchAs is fetch for one who has his plan already, unless alone is 0.
func (m *model) fetchAs(w *World, t int, req reqID, alone planID, server int, e *effect) fetched {
	if t < 0 {
		e.asked = true
		rep := m.answer(w, server, req)
		e.tale.origin(server)
		return fetched{reply: rep}
	}
	spec := &m.tiers[t]
	a := w.tiers[t].Step(spec.rules, tierEvent{kind: arrive, req: req, limit: m.slots, alone: alone})
	switch a.kind {
	case answers:
		e.tale.served(spec.name, a.why)
		e.tale.keeps(m, w.tiers[t].cells[spec.rules.key[req]])
		e.seen.hit()
		return fetched{reply: a.reply, kept: true}
	case joins:
		e.tale.joined(spec.name)
		e.seen.join()
		return fetched{waits: true, tier: t, slot: a.slot, own: a.plan}
	case refuses:
		return fetched{refused: true}
	}
	e.seen.miss()
	above := m.fetch(w, spec.next, spec.rules.forward[req], server, e)
	if above.refused {
		return above
	}
	e.tale.missed(spec.name, a.why)
	if a.kind == ansAsks {
		e.tale.served(spec.name, a.why)
		m.await(w, t, a.slot, above, e)
		return fetched{reply: a.reply}
	}
	if done, rep := m.await(w, t, a.slot, above, e); done {
		return fetched{reply: rep}
	}
	return fetched{waits: true, lead: true, tier: t, slot: a.slot}
}

// await gives a flight what came of asking above. A flight that stores nothing
// and that nobody may share lands at once: later or now is all the same to
// everyone.
func (m *model) await(w *World, t int, slot uint8, above fetched, e *effect) (done bool, rep replyID) {
	r := m.tiers[t].rules
	if above.waits {
		w.tiers[t].Step(r, tierEvent{kind: awaits, slot: slot, above: 1 + above.slot, lead: above.lead, own: above.own})
		return false, 0
	}
	f := &w.tiers[t].flights[slot]
	answer := m.conditional(f.plan, above.reply)
	w.tiers[t].Step(r, tierEvent{kind: replied, slot: slot, reply: answer})
	if !m.landsAtOnce(r, &w.tiers[t].flights[slot]) {
		return false, 0
	}
	a := w.tiers[t].Step(r, tierEvent{kind: landed, slot: slot})
	m.afterStore(w, t, a, e)
	return true, a.reply
}

func (m *model) landsAtOnce(r *rules, f *flight) bool {
	if m.atOnce {
		return true
	}
	return !m.noReduction && r.unshared(f.req, f.plan, f.reply)
}

func (m *model) afterStore(w *World, t int, a action, e *effect) {
	e.tale.landed(m, t, a)
	e.seen.land(a)
	if a.store != 0 {
		m.checkTiers(w, e)
	}
}

// land ends a flight and gives its answer to whoever waits. One who joined a
// flight whose answer is not for sharing asks for himself.
func (m *model) land(w *World, t int, slot uint8, server int, e *effect) {
	var a action
	r := m.tiers[t].rules
	f := w.tiers[t].flights[slot]
	e.tale.flight(m, t, &f)
	a = w.tiers[t].Step(r, tierEvent{kind: landed, slot: slot})
	m.afterStore(w, t, a, e)
	if !a.share {
		e.seen.vain++
	}
	// Who waits for what is settled before anyone asks again, since the flight's
	// place may be taken then.
	var visitors [maxVisitors]bool
	var tiers [maxTiers][maxFlights]bool
	for i := range m.kinds {
		v := &w.visitors[i]
		visitors[i] = v.waits && int(v.tier) == t && v.slot == slot
	}
	for d := range m.tiers {
		for j := range w.tiers[d].flights {
			g := &w.tiers[d].flights[j]
			tiers[d][j] = m.tiers[d].next == t && g.open && g.above == 1+slot
		}
	}
	for i := range visitors {
		if v := &w.visitors[i]; visitors[i] && (v.lead || a.share) {
			m.deliver(w, i, a.reply, false, e)
		} else if visitors[i] {
			m.visitorAlone(w, i, t, r.alone(&f, v.own), server, e)
		}
	}
	for d := range m.tiers {
		for j := range w.tiers[d].flights {
			if g := &w.tiers[d].flights[j]; tiers[d][j] && (g.lead || a.share) {
				m.pass(w, d, uint8(j), a.reply, server, e)
			} else if tiers[d][j] {
				m.flightAlone(w, d, uint8(j), r.alone(&f, g.own), server, e)
			}
		}
	}
}

// visitorAlone lets a visitor who waited in vain ask tier t for himself.
func (m *model) visitorAlone(w *World, i, t int, alone planID, server int, e *effect) {
	v := &w.visitors[i]
	got := m.fetchAs(w, t, v.want, alone, server, e)
	switch {
	case got.refused:
		e.refused = true
	case got.waits:
		v.lead, v.slot, v.own = got.lead, got.slot, got.own
	default:
		m.deliver(w, i, got.reply, got.kept && w.down == 0, e)
	}
}

// flightAlone lets a flight that waited in vain ask the next tier for itself.
func (m *model) flightAlone(w *World, d int, slot uint8, alone planID, server int, e *effect) {
	spec := &m.tiers[d]
	got := m.fetchAs(w, spec.next, spec.rules.forward[w.tiers[d].flights[slot].req], alone, server, e)
	switch {
	case got.refused:
		e.refused = true
	case got.waits:
		w.tiers[d].Step(spec.rules, tierEvent{kind: awaits, slot: slot, above: 1 + got.slot, lead: got.lead, own: got.own})
	default:
		m.pass(w, d, slot, got.reply, server, e)
	}
}

// pass hands the answer of a flight on to the flight of the tier before, which
// lands by itself later.
func (m *model) pass(w *World, t int, slot uint8, rep replyID, server int, e *effect) {
	r := m.tiers[t].rules
	w.tiers[t].Step(r, tierEvent{kind: awaits, slot: slot})
	w.tiers[t].Step(r, tierEvent{kind: replied, slot: slot, reply: m.conditional(w.tiers[t].flights[slot].plan, rep)})
	if m.landsAtOnce(r, &w.tiers[t].flights[slot]) {
		m.land(w, t, slot, server, e)
	}
}
