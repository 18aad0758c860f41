package proxy

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"staleproof/cachepolicy"
	"staleproof/proxy/origin"
	"staleproof/proxy/store"
)

// answerFromCache is the one place where store and origin meet.
func (x *exchange) answerFromCache() *answer {
	x.key = string(x.rule.Terms.AppendKey(nil, x.dist.Domain, &x.req))
	for {
		stored, mark, covered := x.load()
		plan := x.plan(stored, covered)
		switch plan.Action {
		case cachepolicy.Serve:
			return x.serveStored(stored, cachepolicy.Hit, plan.Why, plan.Age)
		case cachepolicy.ServeThenRevalidate:
			x.revalidateBehind(stored, mark)
			return x.serveStored(stored, cachepolicy.Hit, plan.Why, plan.Age)
		case cachepolicy.Pass:
			return x.pass(plan)
		}
		f, leads := x.join(plan, mark)
		if leads && !f.lead(x, plan, stored) {
			return x.viewerLeft()
		}
		if a := x.await(f, leads); a != nil {
			return a
		}
		if !leads && !f.again && !f.out.Share {
			return x.askAlone(f, plan, stored)
		}
	}
}

// load finds what is stored for the request and not covered by an invalidation,
// the mark that a response asked for from now on carries, and whether there was a
// stored response that an invalidation covers. A HEAD is content with the answer
// to a GET, and else with that to an earlier HEAD [KEY-11]; a range with the whole,
// and else with the same range [RNG-02].
func (x *exchange) load() (r *store.Response, mark uint64, covered bool) {
	e := x.edge
	x.seen = e.kept.Load()
	mark = e.invalidations.mark(x.now())
	for _, key := range [...]string{x.key, x.besideKey()} {
		if key == "" {
			continue
		}
		if r = e.store.Get(key); r != nil && (e.invalidations.coverNow(r, mark) || !x.now().Before(r.Stored.Expires())) {
			r = e.store.Newer(r)
		}
		switch {
		case r == nil:
		case e.invalidations.coverNow(r, mark):
			covered = true
		case r.Stored.Part != "" && !ifRangeHolds(x.req.Header.Get("If-Range"), r.Stored.Header):
		default:
			return r, mark, false
		}
	}
	return nil, mark, covered
}

// besideKey is where, beside the whole, something is kept that will do for this
// viewer: the answer to a HEAD, or the part he wants; "": nowhere.
func (x *exchange) besideKey() string {
	if own := x.ownKey(); own != x.key {
		return own
	}
	return x.partKey()
}

// partKey is where the part of an object is kept that this viewer wants, while the
// whole is not stored: one entry for each spelling of a range. "": he wants all.
// [RNG-02], [RNG-09]
func (x *exchange) partKey() string {
	if x.req.Method != http.MethodGet {
		return ""
	}
	spec := together(x.req.Header, "Range")
	if spec == "" {
		return ""
	}
	return x.key + "\n(" + spec + ")"
}

// ownKey is where the answer to this request is kept: that to a HEAD is none for a
// GET. [KEY-12]
func (x *exchange) ownKey() string {
	if x.req.Method == http.MethodHead {
		return x.key + "\n(HEAD)"
	}
	return x.key
}

func (x *exchange) plan(r *store.Response, covered bool) cachepolicy.Plan {
	var s *cachepolicy.Stored
	if r != nil {
		s = r.Stored
	}
	plan := x.rule.Terms.Plan(&x.req, s, x.now())
	if covered && plan.Why == cachepolicy.NotStored {
		plan.Why = cachepolicy.Invalidated
	}
	return plan
}

// serveStored answers with a whole stored response.
func (x *exchange) serveStored(r *store.Response, result cachepolicy.Result, why cachepolicy.Reason, age time.Duration) *answer {
	s := r.Stored
	if s.Generated {
		a := x.errorPage(s.Status, why, string(r.Body.Bytes()))
		a.age, a.hasAge, a.received = age, true, s.Received
		return a
	}
	a := &answer{
		status: s.Status, header: copyHeader(s.Header), length: r.Body.Len(),
		result: result, why: why, stored: r, received: s.Received,
	}
	if result == cachepolicy.Hit {
		a.age, a.hasAge = age, true
	}
	if s.Status >= 400 {
		a.result = cachepolicy.Error
	}
	if s.Head {
		a.length = -1 // what the origin said stands in the header
		return a
	}
	if x.req.Method == http.MethodHead {
		return a
	}
	body, err := r.Body.Open()
	if err != nil { // its file is gone: as if evicted
		x.edge.store.Delete(s.Key)
		return x.errorPage(http.StatusBadGateway, cachepolicy.OriginFailed, badRequest)
	}
	a.body = body
	return a
}

func copyHeader(h http.Header) http.Header {
	out := make(http.Header, len(h)+6)
	for name, values := range h {
		out[name] = values
	}
	return out
}

// pass lets the origin answer; the cache takes no part.
func (x *exchange) pass(plan cachepolicy.Plan) *answer {
	res, reply := x.ask(x.ctx, plan)
	out := x.rule.Terms.Settle(&x.req, plan, reply, x.key, "", 0)
	a := x.stream(res, reply, out)
	if c := x.rule.Terms.Compression(x.rule.Compress, &x.req, reply); c.Coding != "" && !a.generated && x.rule.Terms.Policy.Disabled() { // D-13
		cachepolicy.AddVaryEncoding(a.header)
		cachepolicy.SetCompressed(a.header, c.Coding)
		a.length = -1
		a.body = compressed(a.body, c.Coding)
	}
	return a
}

// stream hands the origin's body through.
func (x *exchange) stream(res *http.Response, reply cachepolicy.Reply, out cachepolicy.Outcome) *answer {
	if out.Body == cachepolicy.Generated {
		return x.originErrorPage(reply, out.Why)
	}
	a := &answer{
		status: out.Status, header: copyHeader(out.Header), body: res.Body, length: res.ContentLength,
		result: out.Result, why: out.Why, received: reply.Received,
	}
	if x.req.Method == http.MethodHead {
		a.length = -1
	}
	a.ageBehind(x, reply)
	return a
}

// ageBehind tells the age of an answer that a tier behind had for a while.
func (a *answer) ageBehind(x *exchange, reply cachepolicy.Reply) {
	if reply.Received.Before(reply.Requested) {
		a.age, a.hasAge = x.now().Sub(reply.Received), true
	}
}

// await waits for the flight's head and answers from it. It returns nil when the
// store may answer by now, or when this viewer has to ask for himself.
func (x *exchange) await(f *flight, leads bool) *answer {
	if !leads {
		x.emit(Event{Kind: Joined, Leader: f.by})
	}
	if !f.isSettled() {
		select {
		case <-f.settled:
		case <-x.ctx.Done():
			f.leave()
			return x.viewerLeft()
		}
	}
	switch {
	case f.again:
		f.leave()
		return nil
	case !leads && !f.out.Share:
		f.leave()
		return nil
	}
	a := f.answer(x, leads)
	if !leads && a.result == cachepolicy.Miss || !leads && a.result == cachepolicy.RefreshHit {
		a.result, a.why = cachepolicy.Hit, cachepolicy.Joined // [COLL-02]
	}
	a.left = f.leave
	return a
}

// askAlone asks the origin for a viewer who waited for an answer that turned out
// not to be for sharing [COLL-05]. He does not look into the store again, where
// that answer may or may not have arrived by now, only whether an invalidation
// came.
func (x *exchange) askAlone(waited *flight, plan cachepolicy.Plan, stored *store.Response) *answer {
	mark := x.edge.invalidations.mark(x.now())
	if stored != nil && x.edge.invalidations.cover(stored.Stored, mark) {
		stored = nil
		plan = x.plan(nil, true)
	}
	plan.Collapse = false
	f := x.edge.newFlight(x, waited.name, mark)
	if !f.lead(x, plan, stored) {
		return x.viewerLeft()
	}
	return x.await(f, true)
}

// viewerLeft is the answer to nobody.
func (x *exchange) viewerLeft() *answer {
	a := x.errorPage(statusViewerLeft, cachepolicy.OriginFailed, badRequest)
	a.message = "the viewer left"
	return a
}

// statusViewerLeft stands for a viewer who has gone; it never reaches anyone.
const statusViewerLeft = 499

// revalidateBehind refreshes a stored response that was served stale, if nobody
// does already. The edge itself is the viewer of that flight. [STALE-01]
func (x *exchange) revalidateBehind(stored *store.Response, mark uint64) {
	terms := &x.rule.Terms
	plan := terms.PlanRefresh(stored.Stored)
	behind := *x
	behind.socket = false // nobody writes to it from here
	behind.ctx = context.WithoutCancel(x.ctx)
	behind.in = x.in.Clone(behind.ctx)
	behind.in.Body = nil
	behind.req.Header = behind.in.Header
	behind.req.Method = http.MethodGet
	f, leads := behind.join(plan, mark)
	if !leads {
		f.leave()
		return
	}
	x.edge.background.Go(func() {
		f.run(&behind, plan, stored)
		if f.body != nil {
			f.drain()
		}
		f.leave()
	})
}

// originErrorPage is the edge's own page for an origin that failed.
func (x *exchange) originErrorPage(reply cachepolicy.Reply, why cachepolicy.Reason) *answer {
	a := x.errorPage(reply.Status, why, origin.AnswerTo(reply.Err).Message)
	a.received, a.detail = reply.Received, origin.AnswerTo(reply.Err).Detail
	return a
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
