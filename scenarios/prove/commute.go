package prove

// An eviction commutes with a move that has nothing to do with its key: it might as well
// have come before, and what both lead to is met by that way, after as many events. So it
// is made only in the world in which it has become possible, or before a move that looks
// at the key. Of two evictions in a row the one with the lower number comes first. No world
// is lost by that, and none is met later (TestEvictionsCommute).
//
// That nothing is lost: let S be reached from P by a move, and X from P by the eviction.
// If the move is no eviction, it is made in X. If it is, it has a higher number than the one
// that S leaves out, so that what X leaves out in turn is left out for one with a still higher
// number, or for a move before that; there are finitely many of both.

// cameBefore reports whether an eviction in w was possible before the move by which w was
// reached from the world that is encoded, and leads to the same when it is made first.
func (m *model) cameBefore(evict move, w *World, by move, before []byte) bool {
	t, key := evict.a(), uint8(evict.b())
	switch by.kind() {
	case doEvict:
		return by.a() > t || by.a() == t && by.b() > int(key)
	case doNavigate, doRequest, doCheck, doPrecache:
		return !m.passes(m.kinds[w.visitors[by.a()].kind].entry, reqID(by.b()), t, key)
	case doOthers, doCrawl:
		return !m.passes(by.a(), reqID(by.b()), t, key)
	case doLand:
		// With more tiers than one, whoever waits below may go on, and ask again.
		return len(m.tiers) == 1 && m.tiers[t].rules.key[m.flightReq(before, by.a(), by.b())] != key
	case doAdvance: // how much time passes depends on what is stored
		return false
	}
	return true // servers, and steps: had an invalidation covered it, there were nothing to evict
}

// passes reports whether a request that comes to a tier is looked up under a key of
// tier t there, or on its way to the servers.
func (m *model) passes(from int, req reqID, t int, key uint8) bool {
	for ; from >= 0; from = m.tiers[from].next {
		r := m.tiers[from].rules
		if from == t && r.key[req] == key {
			return true
		}
		req = r.forward[req]
	}
	return false
}
