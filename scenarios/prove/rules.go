package prove

import (
	"net/http"

	"staleproof/cachepolicy"
)

// rules is what one kind of cache decides, remembered: cachepolicy is asked once
// for each request, stored response (with its age) and reply that meet.
type rules struct {
	m         *model
	name      string
	scope     string
	private   bool // of one visitor's own
	behaviors []Behavior

	terms      []*cachepolicy.Terms // by request
	compresses []bool               // by request: the edge compresses
	key        []uint8              // by request: index into keys
	keys       []string             // texts of cache keys
	uri        []string             // by request
	forward    []reqID              // by request: what the next is asked
	plans      [][]planID           // by request and stored response
	settled    []memo[*outcome]     // by request; plan and reply
}

// outcome is a cachepolicy.Outcome in numbers.
type outcome struct {
	store  storedID
	share  bool
	answer replyID
	result cachepolicy.Result
	why    cachepolicy.Reason
}

// learn works out everything about request id that depends on nothing else.
func (r *rules) learn(id reqID) {
	req := &r.m.reqs[id]
	b := r.behaviorFor(req.Path)
	t := &b.Terms
	r.terms, r.compresses = append(r.terms, t), append(r.compresses, b.Compress)
	text := t.Key(r.scope, req).String()
	n := -1
	for i, k := range r.keys {
		if k == text {
			n = i
		}
	}
	if n < 0 {
		n = len(r.keys)
		r.keys = append(r.keys, text)
	}
	r.key = append(r.key, uint8(n))
	r.uri = append(r.uri, string(t.AppendURI(nil, req)))
	r.plans = append(r.plans, nil)
	r.settled = append(r.settled, nil)
}

func (r *rules) behaviorFor(path string) *Behavior {
	for i := range r.behaviors {
		b := &r.behaviors[i]
		if cachepolicy.MatchWildcard(b.Pattern, path) {
			return b
		}
	}
	return &r.behaviors[len(r.behaviors)-1]
}

// plan is Terms.Plan for a request and what is stored for its key.
func (r *rules) plan(req reqID, s storedID) planID {
	list := r.plans[req]
	if int(s) < len(list) && list[s] != 0 {
		return list[s]
	}
	for int(s) >= len(list) {
		list = append(list, 0)
	}
	r.plans[req] = list
	var have *cachepolicy.Stored
	if s != 0 {
		have = r.m.stored[s].Stored
	}
	pl := r.terms[req].Plan(&r.m.reqs[req], have, epoch)
	p := plan{action: pl.Action, why: pl.Why, collapse: pl.Collapse}
	if pl.Stored != nil {
		p.stored = s
	}
	list[s] = r.m.internPlan(r.m.hook.planned(p))
	return list[s]
}

// refresh is Terms.PlanRefresh for a response that was served stale.
func (r *rules) refresh(req reqID, s storedID) planID {
	pl := r.terms[req].PlanRefresh(r.m.stored[s].Stored)
	return r.m.internPlan(plan{pl.Action, s, pl.Why, pl.Collapse})
}

// settle is Terms.Settle for a request, how it was planned, and the reply.
func (r *rules) settle(req reqID, id planID, rep replyID) *outcome {
	if known := *r.settled[req].at(int(id), int(rep)); known != nil {
		return known
	}
	m, t, p := r.m, r.terms[req], r.m.plans[id]
	pl := cachepolicy.Plan{Action: p.action, Why: p.why, Collapse: p.collapse}
	if p.stored != 0 {
		pl.Stored = m.stored[p.stored].Stored
		pl.Age = pl.Stored.Age(epoch)
	}
	origin := m.replies[rep]
	if origin.status >= http.StatusInternalServerError && pl.Stored != nil {
		if m.hook.staleForever {
			st := m.stored[p.stored]
			return &outcome{share: true, answer: m.from(p.stored, st.Status, st.Header, st.body), result: cachepolicy.Hit, why: cachepolicy.StaleOnFailure}
		}
		if r.private { // a browser shows the error
			pl.Stored = nil
		}
	}
	header := m.hook.header(origin.header)
	if r.private {
		header = privately(header)
	}
	reply := cachepolicy.Reply{Status: origin.status, Header: header, Requested: epoch, Received: epoch.Add(-origin.age)}
	got := r.compress(req, &pl, reply, t.Settle(&m.reqs[req], pl, reply, r.keys[r.key[req]], r.uri[req], 0))
	b := origin.body
	if got.Body == cachepolicy.FromStore {
		b = m.stored[p.stored].body
	}
	out := &outcome{share: got.Share, result: got.Result, why: got.Why}
	if got.Store != nil && !(m.hook.dropNegative && got.Store.Status >= 400) {
		kept := origin.body
		if got.Body == cachepolicy.FromStore {
			kept = b
		}
		out.store = m.internStored(t, got.Store, kept)
	}
	out.answer = m.from(out.store, got.Status, got.Header, b)
	*r.settled[req].at(int(id), int(rep)) = out // the table may have grown meanwhile
	return out
}

// served is the answer made from a stored response.
func (r *rules) served(s storedID) replyID {
	m := r.m
	for int(s) >= len(m.servedReply) {
		m.servedReply = append(m.servedReply, 0)
	}
	if m.servedReply[s] == 0 {
		st := m.stored[s]
		m.servedReply[s] = m.from(s, st.Status, st.Header, st.body)
	}
	return m.servedReply[s]
}

// servedResult is the result of answering from the store: a stored error is one.
// [ERR-22]
func (r *rules) servedResult(s storedID) cachepolicy.Result {
	if r.m.stored[s].Status >= 400 {
		return cachepolicy.Error
	}
	return cachepolicy.Hit
}

// conditional is what is made of a reply for one whose plan is a revalidation:
// 304 when the validator is the same, whoever was asked. [COND-01], [COND-06]
func (m *model) conditional(id planID, rep replyID) replyID {
	p := &m.plans[id]
	if p.action != cachepolicy.Revalidate {
		return rep
	}
	if known := *m.conditions.at(int(p.stored), int(rep)); known != 0 {
		return known
	}
	made := m.checked(p, rep)
	*m.conditions.at(int(p.stored), int(rep)) = made
	return made
}

func (m *model) checked(p *plan, rep replyID) replyID {
	got := &m.replies[rep]
	etag, _ := m.stored[p.stored].Validators()
	if got.status != http.StatusOK || got.etag == "" || !sameTag(got.etag, etag) && !m.hook.matchAny {
		return rep
	}
	return m.internAged(reply{status: http.StatusNotModified, header: got.header, age: got.age, ages: got.ages})
}

// unshared reports whether a reply is neither stored nor given to those who
// joined.
func (r *rules) unshared(req reqID, id planID, rep replyID) bool {
	out := r.settle(req, id, rep)
	return out.store == 0 && !out.share
}
