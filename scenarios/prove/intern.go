package prove

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"staleproof/cachepolicy"
)

// epoch is the instant at which every decision is taken. Decisions depend on
// differences of instants only, so a stored response of some age is one received
// that long before epoch, whenever that was.
var epoch = time.Unix(1_000_000_000, 0).UTC()

// Numbers stand for values that were met before; equal numbers mean equal
// values. Zero means none.
type (
	bodyID   uint8
	replyID  uint16
	storedID uint16
	planID   uint16
	reqID    uint8 // an index into model.reqs, from zero
)

// body is a byte string and what it means.
type body struct {
	id     string
	name   string
	page   bool
	builds uint8 // bit b-1: build b has it
	refs   []string
}

// reply is the head of an answer, as servers and tiers give it.
type reply struct {
	status int
	header http.Header
	body   bodyID
	etag   string
	coding string // Content-Encoding
	// age is how long ago the origin gave it: a tier that had it hands it on with the
	// moment of its reception, so that all tiers share one lifetime. [TIER-11]
	age time.Duration
	// ages: it goes on ageing on its way. A server's own reply counts from when it
	// arrives, and one that outlives the horizon does not age.
	ages bool
}

// stored is a stored response with its body, of a certain age.
type stored struct {
	*cachepolicy.Stored
	body bodyID
	age  time.Duration
	text string
	// next is how long it takes until a decision about it may change; 0: never
	// again.
	next time.Duration
}

// plan is a cachepolicy.Plan whose stored response has a number.
type plan struct {
	action   cachepolicy.Action
	stored   storedID
	why      cachepolicy.Reason
	collapse bool
}

func headerText(h http.Header) string {
	names := make([]string, 0, len(h))
	for name := range h {
		names = append(names, name)
	}
	slices.Sort(names)
	var b strings.Builder
	for _, name := range names {
		fmt.Fprintf(&b, "%s: %s\n", name, strings.Join(h[name], ","))
	}
	return b.String()
}

// internReply numbers a server's reply.
func (m *model) internReply(status int, h http.Header, b bodyID) replyID {
	return m.internAged(reply{status: status, header: h, body: b})
}

// internAged numbers a reply of some age.
func (m *model) internAged(r reply) replyID {
	if m.hook.restartAge {
		r.age, r.ages = 0, false
	}
	r.etag, r.coding = r.header.Get("Etag"), r.header.Get("Content-Encoding")
	text := fmt.Sprintf("%d %d %v %v %s", r.status, r.body, r.age, r.ages, headerText(r.header))
	if id, ok := m.replyIndex[text]; ok {
		return id
	}
	id := replyID(len(m.replies))
	m.replies = append(m.replies, r)
	m.replyIndex[text] = id
	return id
}

// internStored numbers s, whose Received lies its age before epoch.
func (m *model) internStored(t *cachepolicy.Terms, s *cachepolicy.Stored, b bodyID) storedID {
	if b == 0 && s.Status < 400 {
		panic("prove: a stored response without a body")
	}
	age := epoch.Sub(s.Received)
	quiet := max(0, s.QuietUntil.Sub(epoch))
	text := fmt.Sprintf("%s|%d|%s|%v|%v|%v|%d|%v|%s|%p", s.Key, s.Status, strings.Join(s.Tags, ","), s.Lifetime, age, quiet, b, s.Head, headerText(s.Header), t)
	if id, ok := m.storedIndex[text]; ok {
		return id
	}
	kept := *s
	kept.Mark = 0
	kept.QuietUntil = time.Time{}
	if quiet > 0 {
		kept.QuietUntil = epoch.Add(quiet)
	}
	id := storedID(len(m.stored))
	m.stored = append(m.stored, stored{&kept, b, age, text, nextBoundary(t, &kept, age, quiet)})
	m.storedTerms = append(m.storedTerms, t)
	m.storedIndex[text] = id
	return id
}

// nextBoundary is how long it takes until s may be decided upon differently:
// when it expires, when a window for stale use ends, when the origin may be
// asked again, when it is not kept any more.
func nextBoundary(t *cachepolicy.Terms, s *cachepolicy.Stored, age, quiet time.Duration) time.Duration {
	left := time.Duration(0)
	at := func(d time.Duration) {
		if d > 0 && (left == 0 || d < left) {
			left = d
		}
	}
	at(s.Lifetime - age)
	at(quiet)
	at(max(t.Policy.MaxTTL, s.Lifetime) - age)
	for _, window := range staleWindows(s.Header) {
		// A window includes its end, and time comes in whole seconds.
		at(s.Lifetime + min(window, t.Policy.MaxTTL) + time.Second - age)
	}
	return left
}

// staleWindows are the seconds of stale-while-revalidate and stale-if-error.
// They only say where time is worth stopping; what they mean is for
// cachepolicy to decide.
func staleWindows(h http.Header) []time.Duration {
	var out []time.Duration
	for _, line := range h["Cache-Control"] {
		for d := range strings.SplitSeq(line, ",") {
			name, value, _ := strings.Cut(strings.TrimSpace(d), "=")
			if !strings.HasPrefix(strings.ToLower(name), "stale-") {
				continue
			}
			if secs, err := time.ParseDuration(strings.Trim(value, `" `) + "s"); err == nil {
				out = append(out, secs)
			}
		}
	}
	return out
}

// aged is s after d more time. One whose next boundary is beyond the horizon
// does not age.
func (m *model) aged(id storedID, d time.Duration) storedID {
	if id == 0 {
		return 0
	}
	s := &m.stored[id]
	if s.next == 0 || s.next > m.horizon {
		return id
	}
	return m.older(id, d)
}

// older is s after d more time, whatever the horizon.
func (m *model) older(id storedID, d time.Duration) storedID {
	if id == 0 || m.stored[id].next == 0 || m.hook.ageless {
		return id
	}
	s := &m.stored[id]
	key := agedKey{id, d}
	if to, ok := m.agedIndex[key]; ok {
		return to
	}
	older := *s.Stored
	older.Received = older.Received.Add(-d)
	if !older.QuietUntil.IsZero() {
		older.QuietUntil = older.QuietUntil.Add(-d)
	}
	to := m.internStored(m.storedTerms[id], &older, s.body)
	m.agedIndex[key] = to
	return to
}

// agedReply is what a reply is after d more time on its way.
func (m *model) agedReply(id replyID, d time.Duration) replyID {
	r := m.replies[id]
	if !r.ages {
		return id
	}
	r.age += d
	return m.internAged(r)
}

// from is a reply that a tier makes from, or stores as, s, which may be 0.
func (m *model) from(s storedID, status int, h http.Header, b bodyID) replyID {
	r := reply{status: status, header: h, body: b}
	if s != 0 {
		st := &m.stored[s]
		r.age, r.ages = st.age, st.next != 0 && st.next <= m.horizon
	}
	return m.internAged(r)
}

type agedKey struct {
	id storedID
	d  time.Duration
}

func (m *model) internPlan(p plan) planID {
	if id, ok := m.planIndex[p]; ok {
		return id
	}
	id := planID(len(m.plans))
	m.plans = append(m.plans, p)
	m.planIndex[p] = id
	return id
}

// agedPlan is p after d more time: the same plan about an older response.
func (m *model) agedPlan(id planID, d time.Duration) planID {
	p := m.plans[id]
	if p.stored == 0 {
		return id
	}
	p.stored = m.aged(p.stored, d)
	return m.internPlan(p)
}
