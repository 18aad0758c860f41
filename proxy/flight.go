package proxy

import (
	"errors"
	"io"
	"net/http"
	"sync"

	"staleproof/cachepolicy"
	"staleproof/proxy/ending"
	"staleproof/proxy/store"
)

// flight is one origin request that several viewers wait for.
//
// What matters in which order:
//
//   - A flight is registered under its name before the origin is asked, and it
//     looks into the store again then: whoever was faster has stored by now.
//   - The response is stored first, then the flight is taken off the list (it
//     lands), then its last byte is let through. So whoever comes next, even a
//     viewer who has just got that byte, finds the flight or what it stored.
//   - The name holds the mark, so a viewer who comes after an invalidation never
//     joins a flight from before it.
//   - When the last viewer leaves, the flight ends and stores nothing. [COND-10]
type flight struct {
	edge *Edge
	name flightName
	by   string // id of the exchange that began it
	mark uint64 // of the invalidations before the origin was asked

	life    ending.Context // ends when nobody waits any more
	leader  ending.Watcher // of the viewer who runs it
	viewers int            // guarded by edge.mu

	// settled is closed when the fields below are final.
	settled chan struct{}
	again   bool // the store may answer by now
	reply   cachepolicy.Reply
	out     cachepolicy.Outcome
	res     *http.Response  // unshared, unstored: the body goes to the one who leads
	body    *store.Spool    // the growing body, for all
	whole   store.Body      // the body, for all, when it came with its head
	packed  *store.Response // and, unless something is to be done to the answer, all of it
	length  int64           // of it; -1: not known
	stored  *store.Response // what answers instead of the reply
}

var errNobodyWaits = errors.New("nobody waits for this response any more")

// join finds the flight for this request or begins one. The second result says
// that the caller has to run it.
func (x *exchange) join(plan cachepolicy.Plan, mark uint64) (*flight, bool) {
	e := x.edge
	if !plan.Collapse {
		return e.newFlight(x, flightName{}, mark), true
	}
	name := x.flightName(plan, mark)
	e.mu.Lock()
	defer e.mu.Unlock()
	if f, ok := e.flights[name]; ok && f.viewers > 0 {
		f.viewers++
		return f, false
	}
	f := e.newFlight(x, name, mark)
	e.flights[name] = f
	return f, true
}

// flightName tells apart what must not share an answer.
type flightName struct {
	mark uint64
	head bool // a HEAD
	key  string
	less string // what is passed on of ranges and conditions
}

func (x *exchange) flightName(plan cachepolicy.Plan, mark uint64) flightName {
	n := flightName{mark: mark, head: x.req.Method == http.MethodHead, key: x.key}
	if plan.Action == cachepolicy.Fetch {
		for _, name := range passedOn {
			if v := together(x.req.Header, name); v != "" {
				n.less += "\n" + name + ": " + v
			}
		}
	}
	return n
}

func (e *Edge) newFlight(x *exchange, name flightName, mark uint64) *flight {
	f := &flight{
		edge: e, name: name, by: x.id, mark: mark, viewers: 1,
		settled: make(chan struct{}), length: -1,
	}
	// The flight outlives the viewer who began it, as long as others wait.
	f.life.Inherit(x.ctx)
	if e.closed.Load() {
		f.life.End(errClosed)
	}
	return f
}

// leave is a viewer going, with or without his answer.
func (f *flight) leave() {
	f.edge.mu.Lock()
	f.viewers--
	last := f.viewers == 0
	f.edge.mu.Unlock()
	if last {
		f.life.End(errNobodyWaits)
	}
}

// land takes the flight off the list, so that nobody joins it any more.
func (f *flight) land() {
	f.edge.mu.Lock()
	defer f.edge.mu.Unlock()
	if f.edge.flights[f.name] == f {
		delete(f.edge.flights, f.name)
	}
}

// isSettled reports whether the head has come, or will not. For the one who led it on a
// socket it always has.
func (f *flight) isSettled() bool {
	select {
	case <-f.settled:
		return true
	default:
		return false
	}
}

// lead runs the flight for the viewer who began it, and reports whether he is still
// there. One on a socket runs it himself, which saves two changes of goroutine;
// until the head has come he cannot do anything else anyway. For any other there is
// a goroutine, so that he may go when he wants to.
func (f *flight) lead(x *exchange, plan cachepolicy.Plan, found *store.Response) bool {
	if !x.socket {
		x.edge.background.Go(func() { f.run(x, plan, found) })
		return true
	}
	x.edge.background.Add(1)
	defer x.edge.background.Done()
	f.leader.Watch(x.ctx, f.leave)
	f.run(x, plan, found)
	return f.leader.Stop()
}

// run asks the origin and lets everybody have the answer. x is the exchange that
// began the flight, found is what was stored for it then.
func (f *flight) run(x *exchange, plan cachepolicy.Plan, found *store.Response) {
	goesOn := false
	defer func() {
		if !goesOn {
			f.land()
		}
	}()
	if plan.Collapse && f.overtaken(x) {
		f.again = true
		f.land()
		close(f.settled)
		return
	}
	res, reply := x.ask(&f.life, plan)
	compression := x.rule.Terms.Compression(x.rule.Compress, &x.req, reply)
	uri := string(x.rule.Terms.AppendURI(nil, &x.req))
	f.reply, f.out = reply, x.rule.Terms.Settle(&x.req, plan, reply, x.ownKey(), uri, f.mark)
	if reply.Err != nil && f.life.Err() != nil {
		f.out.Store = nil // the last viewer left, which is no failure of the origin's to remember [COND-10]
	}
	if f.out.Store != nil && f.out.Store.Part != "" {
		f.out.Store.Key = x.partKey()
	}
	x.warn(reply, f.out)
	switch {
	case f.out.Body == cachepolicy.FromStore:
		discard(res)
		f.stored = found
		if f.out.Store != nil {
			f.stored = f.keep(x, f.out.Store, found.Body).Whole()
		}
	case f.out.Body == cachepolicy.Generated:
		if f.out.Store != nil {
			f.keep(x, f.out.Store, store.BytesBody([]byte(x.originErrorPage(reply, f.out.Why).message)))
		}
	case x.req.Method == http.MethodHead:
		discard(res)
		if f.out.Store != nil {
			f.stored = f.keep(x, f.out.Store, store.BytesBody(nil)).Whole()
		}
	case f.out.Store == nil && !f.out.Share:
		f.res = res
		// The one who leads may have left by now; then nobody else closes it.
		f.life.AfterFunc(func() { res.Body.Close() })
	default:
		f.compress(x, compression)
		switch {
		case f.takeWhole(x, res, compression.Coding):
		case x.socket:
			goesOn = true
			f.edge.background.Go(func() { f.copyBody(x, res, compression.Coding) })
			<-f.settled
			return
		default:
			f.copyBody(x, res, compression.Coding)
			return
		}
	}
	f.land()
	close(f.settled)
}

// overtaken looks into the store again: between this viewer's look and the
// beginning of the flight another one may have landed.
//
//	viewer A: looks, finds nothing
//	viewer B's flight: stores, lands
//	viewer A: finds no flight, begins one
//
// Most often nothing has been stored since, and then there is nothing to look for.
func (f *flight) overtaken(x *exchange) bool {
	if x.edge.kept.Load() == x.seen {
		return false
	}
	r, mark, covered := x.load()
	if mark != f.mark {
		return false
	}
	return x.plan(r, covered).Action == cachepolicy.Serve
}

// keep stores a whole response, unless an invalidation that came meanwhile would
// make it unusable at once; with late fills kept it is as if it had come after. It
// returns what it stored, packed.
func (f *flight) keep(x *exchange, head *cachepolicy.Stored, body store.Body) *store.Response {
	e := x.edge
	now := e.invalidations.mark(x.now())
	if x.rule.Terms.Emulation.KeepLateFills && head.Mark >= e.invalidations.all().First {
		late := *head
		late.Mark = now
		head = &late
	}
	r := store.Pack(head, body)
	if e.invalidations.cover(head, now) {
		x.emit(Event{Kind: Refused, Status: head.Status, Reason: cachepolicy.Invalidated,
			Detail: "an invalidation came while it was fetched"})
		return r
	}
	e.store.Set(r)
	e.kept.Add(1)
	x.emit(Event{Kind: Kept, Status: head.Status, Rule: head.Rule, Lifetime: head.Lifetime, Bytes: body.Len()})
	return r
}

// compress makes the outcome that of a response compressed on its way into the
// store: what is kept is the compressed copy [AE-09], [RNG-06].
func (f *flight) compress(x *exchange, c cachepolicy.Compression) {
	change := func(h http.Header) { // which Settle has just made, for this flight
		if x.rule.Compress && cachepolicy.Compressible(h.Get("Content-Type")) {
			cachepolicy.AddVaryEncoding(h)
		}
		if c.Coding != "" {
			cachepolicy.SetCompressed(h, c.Coding)
		}
	}
	change(f.out.Header)
	if s := f.out.Store; s != nil {
		s.Compression = c.Why
		change(s.Header) // most often the same
	}
}

// copyBody lets all viewers read the origin's body as it comes and stores it when
// it is whole. A body that is cut, or not as long as announced, is not stored and
// breaks off for everybody. [COND-11]
func (f *flight) copyBody(x *exchange, res *http.Response, coding string) {
	defer res.Body.Close()
	if coding == "" {
		f.length = res.ContentLength
	}
	f.body = x.edge.store.NewSpool(x.edge.config.SpoolBytes)
	f.body.Grow(f.length)
	close(f.settled)
	err := f.fill(res, encoder(f.body, coding), x.largest())
	if cause := f.life.Cause(); cause != nil {
		err = cause // an origin that gives up may end the body as if it were whole
	}
	if err != nil {
		x.emit(Event{Kind: Refused, Status: f.reply.Status, Detail: err.Error()})
		f.land()
		f.body.Abort(err)
		return
	}
	if f.out.Store != nil {
		body := f.body.Body()
		f.keep(x, f.out.Store, body)
		x.warnEcho(f.out.Store, body)
	}
	f.land()
	f.body.Finish()
}

// pieces are buffers of pieceBytes for bodies on their way.
var pieces = sync.Pool{New: func() any { return new([pieceBytes]byte) }}

const pieceBytes = 64 << 10

// fill copies the body to the spool, through enc when it is compressed. When the
// viewers know its length the last piece is held back until all is stored: it would
// tell them that all is there. More than limit bytes are cut off.
func (f *flight) fill(res *http.Response, enc io.WriteCloser, limit int64) error {
	announced := res.ContentLength
	pooled := pieces.Get().(*[pieceBytes]byte)
	defer pieces.Put(pooled)
	buf := pooled[:]
	var total int64
	for {
		n, err := res.Body.Read(buf)
		total += int64(n)
		var werr error
		switch {
		case announced >= 0 && total > announced:
			return errors.New("the origin sent more than it announced")
		case total > limit: // in chunks, else it would have been refused [RNG-08]
			return errTooLarge
		case enc != nil:
			_, werr = enc.Write(buf[:n])
		case total == announced:
			werr = f.body.Hold(buf[:n])
		default:
			_, werr = f.body.Write(buf[:n])
		}
		switch {
		case werr != nil:
			return werr
		case err == io.EOF && total < announced:
			return io.ErrUnexpectedEOF
		case err == io.EOF && enc != nil:
			return enc.Close()
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		}
	}
}

// answer is the flight's answer for one viewer.
func (f *flight) answer(x *exchange, leads bool) *answer {
	switch {
	case f.stored != nil:
		return x.serveStored(f.stored, f.out.Result, f.out.Why, f.out.Age)
	case f.out.Body == cachepolicy.Generated:
		return x.originErrorPage(f.reply, f.out.Why)
	case f.res != nil && leads:
		return x.stream(f.res, f.reply, f.out)
	}
	if f.packed != nil && leads && x.sendsPacked() {
		return &answer{
			status: f.out.Status, length: f.length, packed: f.packed,
			result: f.out.Result, why: f.out.Why, received: f.reply.Received, flight: f,
		}
	}
	a := &answer{
		status: f.out.Status, header: f.headerFor(leads), length: f.length,
		result: f.out.Result, why: f.out.Why, received: f.reply.Received, flight: f,
	}
	switch {
	case f.whole != nil:
		a.body, a.whole = openBytes(f.whole), true
	case f.body != nil:
		a.body = f.body.NewReader(x.ctx)
	}
	a.ageBehind(x, f.reply)
	return a
}

// headerFor is the flight's header, for one viewer to change. The one who leads need not
// copy it when he is alone with a flight that has landed: nobody can join any more.
func (f *flight) headerFor(leads bool) http.Header {
	if leads && f.whole != nil {
		f.edge.mu.Lock()
		defer f.edge.mu.Unlock()
		if f.viewers == 1 {
			return f.out.Header
		}
	}
	return copyHeader(f.out.Header)
}

// drain reads the body to its end for nobody, so that it is stored.
func (f *flight) drain() {
	r := f.body.NewReader(&f.life)
	io.Copy(io.Discard, r)
	r.Close()
}

func discard(res *http.Response) {
	if res != nil && res.Body != nil {
		res.Body.Close()
	}
}
