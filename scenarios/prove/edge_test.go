package prove

import (
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"staleproof/cachepolicy"
	"staleproof/proxy"
	"staleproof/proxy/distribution"
)

// sequences is how many random sequences of events are played on a Tier and on a
// real edge. STALEPROOF_SEQUENCES asks for more. The race detector makes everything
// ten times slower, so under it there are a tenth of them.
func sequences(t *testing.T) int {
	want := 100_000
	if raced {
		want /= 10
	}
	if text := os.Getenv("STALEPROOF_SEQUENCES"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			t.Fatalf("STALEPROOF_SEQUENCES=%s: want a number of sequences", text)
		}
		want = n
	}
	return want
}

// TestTierIsAnEdge plays random events on a Tier and on a real edge, flights that
// overlap with invalidations included, and compares every answer: status, bytes,
// result and reason, and who asked the origin, with which condition. An edge is made
// once for a deploy and emptied before each sequence.
func TestTierIsAnEdge(t *testing.T) {
	const workers = 2
	want := sequences(t)
	share := (want + workers - 1) / workers
	checks := flag.Lookup("rapid.checks")
	before := checks.Value.String()
	t.Cleanup(func() { flag.Set(checks.Name, before) })
	if err := flag.Set(checks.Name, strconv.Itoa(max(1, share/30))); err != nil {
		t.Fatal(err)
	}
	var seen [workers]tally
	t.Run("sequences", func(t *testing.T) {
		for i := range workers {
			t.Run(strconv.Itoa(i), func(t *testing.T) {
				t.Parallel()
				for seen[i].sequences < share && !t.Failed() {
					rapid.Check(t, func(rt *rapid.T) { playDuets(t, rt, &seen[i]) })
				}
			})
		}
	})
	var all tally
	for _, n := range seen {
		all.add(n)
	}
	t.Logf("%d sequences of %d events, %.1f each, on %d edges: %d answers compared, %d with a content coding", all.sequences, all.plays, float64(all.plays)/float64(max(1, all.sequences)), all.edges, all.answers, all.coded)
	if !t.Failed() && (all.sequences < want || all.plays < 5*want || all.answers < 2*want || all.coded < want/10) {
		t.Errorf("%d sequences, %d events, %d answers, %d coded: want %d sequences at least, of 5 events and 2 answers on average", all.sequences, all.plays, all.answers, all.coded, want)
	}
}

// tally is what was played.
type tally struct{ edges, sequences, plays, answers, coded int }

func (n *tally) add(m tally) {
	n.edges += m.edges
	n.sequences += m.sequences
	n.plays += m.plays
	n.answers += m.answers
	n.coded += m.coded
}

// playDuets plays sequences on the tier and the edge of one random deploy.
func playDuets(t *testing.T, rt *rapid.T, seen *tally) {
	d := Deploy{Site: drawSite(rt), Strategy: rapid.SampledFrom(Strategies()).Draw(rt, "strategy"), CDN: drawCDN(rt)}
	d.CDN.Regional = false
	d.Mode = drawMode(rt, false)
	drawEncodings(rt, &d)
	m, err := newModel(d, Bounds{Horizon: 10 * year}.withDefaults(), hook{})
	if err != nil {
		rt.Skip(err)
	}
	sequences := rapid.SliceOfN(rapid.SliceOfN(sequence, 1, 16), 1, 16).Draw(rt, "sequences")
	var problem string
	synctest.Test(t, func(t *testing.T) {
		duet := newDuet(t, m)
		defer duet.close()
		seen.edges++
		for _, some := range sequences {
			for _, plays := range some {
				if problem = duet.play(plays); problem != "" {
					return
				}
				seen.sequences++
				seen.plays += len(plays)
			}
		}
		seen.answers += duet.answers
		seen.coded += duet.coded
	})
	if problem != "" {
		rt.Fatal(problem)
	}
}

// play is one random event: what happens, and a number that picks a request, a
// flight, a node or a time.
type play uint16

// playKinds are the events, those that happen more often several times.
var playKinds = [...]string{"ask", "ask", "ask", "land", "land", "origin", "fail", "invalidate", "advance", "evict"}

func (p play) kind() string   { return playKinds[int(p)%len(playKinds)] }
func (p play) n() int         { return int(p) / len(playKinds) }
func (p play) String() string { return fmt.Sprintf("%s %d", p.kind(), p.n()) }

// sequence draws 2 to 30 events.
var sequence = rapid.Custom(func(t *rapid.T) []play {
	some := rapid.SliceOfN(rapid.Uint16Range(0, 899), 1, 15)
	var out []play
	for range 2 {
		for _, n := range some.Draw(t, "plays") {
			out = append(out, play(n))
		}
	}
	return out
})

// duet is a tier and an edge that are told the same.
type duet struct {
	t     *testing.T
	m     *model
	rules *rules
	tier  Tier
	edge  *proxy.Edge
	dist  *distribution.Distribution

	mu      sync.Mutex // guards what the edge's goroutines touch
	now     time.Time
	node    int
	server  int
	down    bool    // the server does not work
	origin  []*gate // requests that the edge's origin has not answered yet
	reasons map[string]cachepolicy.Reason

	asked   [maxFlights]*gate     // by flight of the tier
	waiters [maxFlights][]*viewer // by flight; the first leads, nil when nobody waits for a refresh
	answers int                   // compared so far
	coded   int                   // of them, those with a content coding
}

// gate is a request at the origin, which has read its answer and not sent it.
type gate struct {
	reply     replyID
	condition string
	open      chan struct{}
}

// viewer is one who asked the edge.
type viewer struct {
	res  *http.Response
	body string
	done bool
	own  planID // of one who joined: what the tier says he planned
}

func newDuet(t *testing.T, m *model) *duet {
	d := &duet{t: t, m: m, rules: m.tiers[0].rules, now: epoch, reasons: map[string]cachepolicy.Reason{}}
	d.edge, d.dist = newEdge(t, m.deploy.CDN, proxy.Config{
		Now: func() time.Time { d.mu.Lock(); defer d.mu.Unlock(); return d.now },
		Observe: func(e proxy.Event) {
			if e.Kind == proxy.Answered {
				d.mu.Lock()
				defer d.mu.Unlock()
				d.reasons[e.Exchange] = e.Reason
			}
		},
	}, d)
	return d
}

// newEdge is a real edge with a CDN's cache behaviors.
func newEdge(t *testing.T, cdn CDN, c proxy.Config, origin http.RoundTripper) (*proxy.Edge, *distribution.Distribution) {
	t.Helper()
	dist, err := distribution.Simple("http://origin.example", cachepolicy.Selection{})
	if err != nil {
		t.Fatal(err)
	}
	base := dist.Behaviors[0]
	dist.Behaviors = nil
	for _, b := range cdn.Behaviors {
		base.PathPattern, base.Terms, base.Compress = b.Pattern, b.Terms, b.Compress
		dist.Behaviors = append(dist.Behaviors, base)
	}
	c.Distributions, c.AnyHost, c.MemoryBytes, c.Seed = []*distribution.Distribution{dist}, true, 8<<20, "prove"
	c.Origins = map[string]http.RoundTripper{dist.Origins[0].ID: origin}
	e, err := proxy.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return e, dist
}

// RoundTrip is the origin: it reads its answer when the request comes and sends
// it when its gate is opened.
func (d *duet) RoundTrip(r *http.Request) (*http.Response, error) {
	d.mu.Lock()
	id, ok := d.m.reqOf(strings.TrimSuffix(r.URL.EscapedPath()+"?"+r.URL.RawQuery, "?"), Encodings(r.Header.Get("Accept-Encoding")))
	g := &gate{condition: r.Header.Get("If-None-Match"), open: make(chan struct{})}
	if ok {
		g.reply = d.m.originReply(d.node, d.server, id)
		if d.down {
			g.reply = d.m.failing()
		}
	}
	d.origin = append(d.origin, g)
	d.mu.Unlock()
	<-g.open
	if !ok {
		return nil, fmt.Errorf("no such request: %s", r.URL)
	}
	rep := &d.m.replies[g.reply]
	res := httptest.NewRecorder()
	for name, values := range rep.header {
		res.Header()[name] = values
	}
	if g.condition != "" && sameTag(g.condition, rep.etag) {
		res.WriteHeader(http.StatusNotModified)
		return res.Result(), nil
	}
	res.WriteHeader(rep.status)
	io.WriteString(res, d.m.bodies[rep.body].id+padding(rep, d.m.bodies[rep.body].id))
	return res.Result(), nil
}

// play tells both the same and says in what they differ, or "".
func (d *duet) play(plays []play) string {
	d.reset()
	for i, p := range plays {
		if problem := d.step(p); problem != "" {
			return fmt.Sprintf("play %d of %v: %s", i, plays, problem)
		}
	}
	return ""
}

// reset makes both as they were in the beginning, but for the time.
func (d *duet) reset() {
	d.landAll()
	d.edge.Forget("/*")
	d.tier, d.node, d.server, d.down = Tier{}, 0, 0, false
	d.asked, d.waiters = [maxFlights]*gate{}, [maxFlights][]*viewer{}
	clear(d.reasons)
}

func (d *duet) close() {
	d.landAll()
	if err := d.edge.Close(); err != nil {
		d.t.Error(err)
	}
	synctest.Wait()
}

// landAll lets every flight land, also those that are begun when others have.
func (d *duet) landAll() {
	for {
		synctest.Wait()
		d.mu.Lock()
		waiting := d.origin
		d.origin = nil
		d.mu.Unlock()
		if len(waiting) == 0 {
			break
		}
		for _, g := range waiting {
			close(g.open)
		}
	}
}

func (d *duet) step(p play) string {
	n := p.n()
	switch p.kind() {
	case "ask":
		return d.ask(reqID(n % len(d.m.reqs)))
	case "land":
		for i := range maxFlights {
			if slot := (n + i) % maxFlights; d.tier.flights[slot].open {
				return d.land(slot)
			}
		}
	case "origin":
		d.mu.Lock()
		d.node, d.server = n%len(d.m.nodes), n%d.m.servers()
		d.mu.Unlock()
	case "fail":
		d.mu.Lock()
		d.down = !d.down
		d.mu.Unlock()
	case "invalidate":
		if len(d.m.invs) == 0 {
			return ""
		}
		inv := n % len(d.m.invs)
		d.tier.Step(d.rules, tierEvent{kind: invalidate, inv: uint8(inv)})
		if _, _, err := d.edge.Invalidate(d.dist.ID, d.m.invs[inv].Items...); err != nil {
			return err.Error()
		}
	case "advance":
		past := []time.Duration{time.Second, 10 * time.Second, 30 * time.Second, time.Minute}[n%4]
		d.tier.Step(d.rules, tierEvent{kind: pass, past: past})
		d.mu.Lock()
		d.now = d.now.Add(past)
		d.mu.Unlock()
	case "evict":
		key := n % len(d.rules.keys)
		if d.tier.cells[key] != 0 {
			uri := d.m.stored[d.tier.cells[key]].URI
			for k, s := range d.tier.cells { // all variants, as the edge forgets them
				if s != 0 && d.m.stored[s].URI == uri {
					d.tier.Step(d.rules, tierEvent{kind: evict, key: uint8(k)})
				}
			}
			d.edge.Forget(uri)
		}
	}
	synctest.Wait()
	return ""
}

// ask lets a viewer ask both.
func (d *duet) ask(id reqID) string {
	to := d.tier
	a := to.Step(d.rules, tierEvent{kind: arrive, req: id, limit: maxFlights})
	if a.kind == refuses {
		return "" // more than a tier can have
	}
	d.tier = to
	v := &viewer{}
	url, before := d.m.asked(id), len(d.origin)
	go func() {
		res, err := d.edge.RoundTrip(asking(d.m.url(id), d.m.taken[id]))
		if err != nil {
			return
		}
		b, _ := io.ReadAll(res.Body)
		res.Body.Close()
		d.mu.Lock()
		defer d.mu.Unlock()
		v.res, v.body, v.done = res, string(b), true
	}()
	synctest.Wait()
	arrived := len(d.origin) - before
	want := 0
	if a.kind == asks || a.kind == ansAsks {
		want = 1
	}
	if arrived != want {
		return fmt.Sprintf("%s: the edge asked the origin %d times, the tier %d", url, arrived, want)
	}
	switch a.kind {
	case answers, ansAsks:
		if a.kind == ansAsks {
			d.waiters[a.slot] = []*viewer{nil}
		}
		if problem := d.compare(url, v, a.reply, a.result, a.why); problem != "" {
			return problem
		}
	case joins:
		v.own = a.plan
		d.waiters[a.slot] = append(d.waiters[a.slot], v)
	case asks:
		d.waiters[a.slot] = []*viewer{v}
	}
	if want == 0 {
		return ""
	}
	if problem := d.asksOrigin(url, int(a.slot), d.origin[len(d.origin)-1]); problem != "" {
		return problem
	}
	if f := &d.tier.flights[a.slot]; d.rules.unshared(f.req, f.plan, f.reply) {
		return d.land(int(a.slot)) // nobody may share it
	}
	return ""
}

// asksOrigin gives a flight of the tier the answer that the origin has read for
// the edge's.
func (d *duet) asksOrigin(url string, slot int, g *gate) string {
	d.asked[slot] = g
	f := &d.tier.flights[slot]
	condition := d.condition(f.plan)
	if g.condition != condition {
		return fmt.Sprintf("%s: the edge asked with If-None-Match %q, the tier with %q", url, g.condition, condition)
	}
	d.tier.Step(d.rules, tierEvent{kind: replied, slot: uint8(slot), reply: d.m.conditional(f.plan, g.reply)})
	return ""
}

// land ends a flight in both.
func (d *duet) land(slot int) string {
	var a action
	f := d.tier.flights[slot]
	url := d.m.asked(f.req)
	a = d.tier.Step(d.rules, tierEvent{kind: landed, slot: uint8(slot)})
	for i, g := range d.origin {
		if g == d.asked[slot] {
			d.origin = append(d.origin[:i:i], d.origin[i+1:]...)
			break
		}
	}
	close(d.asked[slot].open)
	synctest.Wait()
	waiters := d.waiters[slot]
	d.waiters[slot], d.asked[slot] = nil, nil
	for i, v := range waiters {
		switch {
		case v == nil: // a refresh behind a viewer's back
			continue
		case i > 0 && !a.share:
			return d.alone(url, &f, waiters[1:])
		}
		result, why := a.result, a.why
		if i > 0 && (result == cachepolicy.Miss || result == cachepolicy.RefreshHit) {
			result, why = cachepolicy.Hit, cachepolicy.Joined
		}
		if problem := d.compare(url, v, a.reply, result, why); problem != "" {
			return problem
		}
	}
	return ""
}

// alone follows those who joined a flight in vain, each of whom asks the origin, with
// the condition that he planned to ask with. They land one after the other.
func (d *duet) alone(url string, f *flight, waiters []*viewer) string {
	if len(d.origin) < len(waiters) {
		return fmt.Sprintf("%s: %d waited in vain, and only %d ask the origin", url, len(waiters), len(d.origin))
	}
	rest := len(d.origin) - len(waiters)
	asked := d.origin[rest:]
	d.origin = d.origin[:rest:rest]
	defer func() { d.origin = append(d.origin, asked...) }() // those that were not answered
	want := map[*viewer]action{}
	for _, g := range asked {
		v := d.whoAsks(f, waiters, want, g)
		if v == nil {
			return fmt.Sprintf("%s: the edge asked alone with If-None-Match %q, nobody in the tier would", url, g.condition)
		}
		var a action
		a = d.tier.Step(d.rules, tierEvent{kind: arrive, req: f.req, limit: maxFlights, alone: d.rules.alone(f, v.own)})
		if a.kind != asks {
			return url + ": the tier has no place for one who waited in vain"
		}
		if problem := d.asksOrigin(url, int(a.slot), g); problem != "" {
			return problem
		}
		a = d.tier.Step(d.rules, tierEvent{kind: landed, slot: a.slot})
		want[v], asked = a, asked[1:]
		close(g.open)
		synctest.Wait()
	}
	for _, v := range waiters {
		a := want[v]
		if problem := d.compare(url, v, a.reply, a.result, a.why); problem != "" {
			return problem
		}
	}
	return ""
}

// whoAsks is one of those who waited in vain whose request at the origin may be g.
// What he planned says with which condition; of several with the same nobody can
// tell which is which.
func (d *duet) whoAsks(f *flight, waiters []*viewer, known map[*viewer]action, g *gate) *viewer {
	for _, v := range waiters {
		if _, ok := known[v]; !ok && d.condition(d.rules.alone(f, v.own)) == g.condition {
			return v
		}
	}
	return nil
}

// condition is what a plan asks the origin with.
func (d *duet) condition(id planID) string {
	p := d.m.plans[id]
	if p.action != cachepolicy.Revalidate {
		return ""
	}
	etag, _ := d.m.stored[p.stored].Validators()
	return etag
}

func (d *duet) compare(url string, v *viewer, rep replyID, result cachepolicy.Result, why cachepolicy.Reason) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.answers++
	if !v.done {
		return url + ": the edge has not answered, the tier has"
	}
	got := strings.TrimSuffix(v.res.Header.Get("X-Cache"), " from cloudfront")
	reason := d.reasons[v.res.Header.Get("X-Amz-Cf-Id")]
	r := &d.m.replies[rep]
	body := d.m.bodies[r.body].id
	if coding := v.res.Header.Get("Content-Encoding"); coding != r.coding {
		return fmt.Sprintf("%s: the edge answered with the coding %q, the tier %q", url, coding, r.coding)
	}
	if r.coding != "" {
		d.coded++
		v.body = decoded(v.body, r.coding)
	}
	v.body = strings.TrimRight(v.body, " ")
	if v.res.StatusCode != r.status || v.body != body || got != string(result) || reason != why && reason != cachepolicy.Invalidated {
		return fmt.Sprintf("%s: the edge answered %d %q %s (%s), the tier %d %q %s (%s)", url, v.res.StatusCode, v.body, got, reason, r.status, body, result, why)
	}
	return ""
}
