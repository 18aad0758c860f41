package prove

import (
	"math/bits"
	"net/http"
)

// An outage is a server that answers 503 to whatever it is asked, from one event to
// another. Caches keep the error for a while [ERR-01], or answer with what has
// expired [STALE-05], [STALE-11]. What the server itself says during it is no fault of
// the deploy, nor is an answer of its that arrives late; what is judged is what caches
// make of it: old bytes, and an error given from a store when all servers work.

func (m *model) outages() int { return m.deploy.CDN.Origin.Outages }

// outageMoves appends what may happen to servers next.
func (m *model) outageMoves(list []move, w *World) []move {
	if m.outages() == 0 {
		return list
	}
	for s := range m.servers() {
		switch {
		case w.down>>s&1 != 0:
			list = append(list, newMove(doRecover, s, 0, 0))
		case int(w.outages) < m.outages():
			list = append(list, newMove(doFail, s, 0, 0))
		}
	}
	return list
}

// failing is what a server says that does not work.
func (m *model) failing() replyID {
	return m.internReply(http.StatusServiceUnavailable, http.Header{}, 0)
}

// answer is what a server answers in a world.
func (m *model) answer(w *World, server int, req reqID) replyID {
	if w.down>>server&1 != 0 {
		return m.failing()
	}
	return m.originReply(int(w.node), server, req)
}

// repeats reports whether a server with a lower number gives the same answer in a
// world, so that asking this one adds nothing.
func (m *model) repeats(w *World, server int, req reqID) bool {
	if w.down == 0 {
		return m.repeatsAnswer(int(w.node), server, req)
	}
	if w.down>>server&1 != 0 {
		return bits.TrailingZeros8(w.down) < server
	}
	id := m.originReply(int(w.node), server, req)
	for s := range server {
		if m.answer(w, s, req) == id {
			return true
		}
	}
	return false
}

// excused reports whether an error is the servers' own, and not a cache's.
func excused(r *reply, kept bool) bool {
	return r.status >= http.StatusInternalServerError && !kept
}

// quiet reports whether s answers for a server that failed a moment ago. What becomes
// of it when that time is over is what became of it before, so that the fixpoint does
// not let it grow older: else it would, ten seconds at a time, for as long as MaxTTL.
func (m *model) quiet(s storedID) bool { return s != 0 && !m.stored[s].QuietUntil.IsZero() }
