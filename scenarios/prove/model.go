package prove

import (
	"fmt"
	"math/bits"
	"net/http"
	"time"

	"staleproof/cachepolicy"
)

// Limits of the model. A deploy beyond them gets UNKNOWN verdicts that say which
// one it met.
const (
	maxTiers    = 5
	maxVisitors = 4
	maxRequests = 64
	maxSteps    = 16
	maxServers  = 4
	maxBuilds   = 8
	maxBodies   = 250
)

// model is a deploy worked out: everything that does not change while it is
// explored, and the numbers given to values on the way.
type model struct {
	deploy  Deploy
	bounds  Bounds
	builds  []Build
	horizon time.Duration
	hook    hook

	bodies    []body
	bodyIndex map[string]bodyID
	torn      bodyID

	reqs     []cachepolicy.Request
	reqIndex map[string]reqID
	pages    []reqID  // requests for documents
	names    []string // by request: the asset's name
	links    map[linkKey]uint64
	repeated uint64 // requests that more than one reference leads to

	files []placed // every file that a server may have
	paths []string
	nodes []node

	invs     []cachepolicy.Invalidation
	coverage map[coverKey]bool

	tiers   []tierSpec
	kinds   []kindSpec
	rules   []*rules
	browser *rules

	replies       []reply
	replyIndex    map[string]replyID
	stored        []stored
	storedTerms   []*cachepolicy.Terms
	storedIndex   map[string]storedID
	plans         []plan
	planIndex     map[plan]planID
	agedIndex     map[agedKey]storedID
	servedReply   []replyID
	bindings      []binding
	boundKeys     []*boundTo // by node, tier and key
	lostMemo      []int8     // by node and request: 1 no, 2 yes
	nearOrigin    []int      // tiers, those nearest to the servers last
	slots         int        // flights that may be open in one tier
	atOnce        bool       // every flight lands before anything else happens
	noReduction   bool       // for tests: no reduction is made
	crowd         bool       // any number of others ask for documents, and nothing else is asked for
	conditions    map[condKey]replyID
	originReplies []replyID // by node, server and request
}

// hook lets the package's own tests change a decision, to see that what it
// guards against is then found. The zero hook changes nothing.
type hook struct {
	keepLate     bool // late fills are stored, whatever the terms say
	dropQuery    bool // the query string is left out of every key
	dropNegative bool // an error is never stored
	dropEvict    bool // nothing is ever evicted
	coverNothing bool // no invalidation covers anything
	joinAny      bool // a flight from before an invalidation is joined after it
}

// tierSpec is a cache in its place.
type tierSpec struct {
	name  string // "edge", "edge 2", "regional", "proxy"
	kind  string // "edge", "regional", "proxy": what invalidations name
	rules *rules
	next  int // the tier it asks; -1: the servers
}

// kindSpec is a kind of visitor and where its requests enter.
type kindSpec struct {
	Kind
	entry   int
	views   uint8
	private bool
}

type linkKey struct {
	req  reqID
	body bodyID
}

type coverKey struct {
	inv    uint8
	stored storedID
}

// newModel works a deploy out, or says why it is beyond the model.
func newModel(d Deploy, b Bounds, h hook) (*model, error) {
	m := &model{
		deploy: d, bounds: b, hook: h,
		bodyIndex: map[string]bodyID{}, reqIndex: map[string]reqID{}, links: map[linkKey]uint64{},
		coverage: map[coverKey]bool{}, replyIndex: map[string]replyID{}, storedIndex: map[string]storedID{},
		planIndex: map[plan]planID{}, agedIndex: map[agedKey]storedID{}, conditions: map[condKey]replyID{},
		bodies: make([]body, 1), replies: make([]reply, 1), stored: make([]stored, 1),
		storedTerms: make([]*cachepolicy.Terms, 1), plans: make([]plan, 1),
	}
	steps := []func() error{m.bounds.check, m.readSite, m.readTiers, m.readSteps, m.readVisitors, m.readRequests, m.checkLimits, m.readBindings}
	for _, step := range steps {
		if err := step(); err != nil {
			return nil, fmt.Errorf("deploy %s: %w", d.Name, err)
		}
	}
	return m, nil
}

func (m *model) readSite() error {
	d := &m.deploy
	if d.Site.Builds == nil && d.Site.Assets == nil {
		d.Site = SampleSite()
	}
	m.builds = d.Site.Builds
	if m.builds == nil {
		builds, err := d.Strategy.lowered(d.Site)
		if err != nil {
			return err
		}
		m.builds = builds
	} else {
		d.Strategy.Version = asBuilt
	}
	if n := len(m.builds); n < 2 || n > maxBuilds {
		return fmt.Errorf("site has %d builds, want 2 to %d", n, maxBuilds)
	}
	for i, build := range m.builds {
		pages := 0
		for _, f := range build.Files {
			b := m.internBody(f)
			m.bodies[b].builds |= 1 << i
			if f.Page {
				pages++
			}
		}
		if pages == 0 {
			return fmt.Errorf("build %d has no page", i+1)
		}
	}
	if len(m.bodies) > maxBodies {
		return fmt.Errorf("site has %d different files, the explorer takes %d", len(m.bodies), maxBodies)
	}
	m.torn = bodyID(len(m.bodies))
	m.bodies = append(m.bodies, body{id: "half-written", name: "half-written"})
	return nil
}

func (m *model) internBody(f File) bodyID {
	if id, ok := m.bodyIndex[f.Body]; ok {
		return id
	}
	id := bodyID(len(m.bodies))
	m.bodyIndex[f.Body] = id
	m.bodies = append(m.bodies, body{id: f.Body, name: f.name(), page: f.Page, refs: f.Refs})
	return id
}

func (f *File) name() string {
	if f.Name != "" {
		return f.Name
	}
	return f.Path
}

func (f *File) url() string {
	if f.URL != "" {
		return f.URL
	}
	return f.Path
}

// readTiers sets the caches up: edge locations, a regional cache, a proxy before
// the edge for those who are behind one, and what a browser keeps.
func (m *model) readTiers() error {
	c := m.deploy.CDN
	if len(c.Behaviors) == 0 {
		return fmt.Errorf("CDN %s has no behaviors", c.Name)
	}
	edge := m.newRules("edge", c.Behaviors)
	locations := max(1, c.Locations)
	if locations > 3 {
		return fmt.Errorf("CDN %s has %d locations, want 1 to 3", c.Name, locations)
	}
	above := -1
	if c.Regional {
		above = locations
	}
	for i := range locations {
		name := "edge"
		if locations > 1 {
			name = fmt.Sprintf("edge %d", i+1)
		}
		m.tiers = append(m.tiers, tierSpec{name, "edge", edge, above})
	}
	if c.Regional {
		m.tiers = append(m.tiers, tierSpec{"regional", "regional", m.newRules("regional", c.Behaviors), -1})
	}
	m.browser = m.newRules("browser", []Behavior{{Pattern: "*", Terms: browserTerms()}})
	return nil
}

func (m *model) newRules(name string, behaviors []Behavior) *rules {
	r := &rules{m: m, name: name, scope: "site", behaviors: behaviors, settled: map[settleKey]outcome{}}
	if m.hook.dropQuery {
		r.behaviors = nil
		for _, b := range behaviors {
			b.Terms.Policy.QueryStrings = cachepolicy.Selection{}
			r.behaviors = append(r.behaviors, b)
		}
	}
	m.rules = append(m.rules, r)
	return r
}

// browserTerms is a private cache in the words of a cache behavior: the full URL
// is the key, the origin's age counts and nothing else does, errors are not kept
// without an age.
func browserTerms() cachepolicy.Terms {
	return cachepolicy.Terms{
		Policy: cachepolicy.Policy{
			MaxTTL: year, QueryStrings: cachepolicy.Selection{Mode: cachepolicy.All},
		},
		ErrorTTL:  map[int]time.Duration{404: 0},
		Emulation: cachepolicy.Emulation{UncacheableNotStale: true},
	}
}

// proxyTerms is a shared cache between visitors and the edge that leaves the
// query string out of its key but sends it on.
func proxyTerms() cachepolicy.Terms {
	t := browserTerms()
	t.Policy.QueryStrings = cachepolicy.Selection{}
	t.OriginRequest.QueryStrings = cachepolicy.Selection{Mode: cachepolicy.All}
	return t
}

func (m *model) readVisitors() error {
	d := &m.deploy
	if d.Visitors == nil {
		for range m.bounds.Visitors {
			d.Visitors = append(d.Visitors, Fresh)
		}
	}
	if len(d.Visitors) > maxVisitors {
		return fmt.Errorf("%d visitors, the explorer takes %d", len(d.Visitors), maxVisitors)
	}
	locations := max(1, d.CDN.Locations)
	for i, k := range d.Visitors {
		spec := kindSpec{Kind: k, entry: i % locations, views: 1}
		switch k {
		case Fresh, OldTab:
		case Returning:
			spec.views, spec.private = 2, true
		case Twice:
			spec.views = 2
		case BehindProxy:
			spec.entry = m.proxy(spec.entry)
		default:
			return fmt.Errorf("visitor %d: no kind %q", i+1, k)
		}
		m.kinds = append(m.kinds, spec)
	}
	if len(m.tiers) > maxTiers {
		return fmt.Errorf("%d tiers, the explorer takes %d", len(m.tiers), maxTiers)
	}
	m.slots, m.atOnce = min(m.bounds.Flights, maxFlights), m.bounds.Flights < 0
	if m.atOnce {
		m.slots = 1
	}
	m.orderTiers()
	return nil
}

// orderTiers lists the tiers so that each comes before the one it asks.
func (m *model) orderTiers() {
	depth := func(t int) (n int) {
		for ; t >= 0; t = m.tiers[t].next {
			n++
		}
		return n
	}
	for n := len(m.tiers); n > 0; n-- {
		for t := range m.tiers {
			if depth(t) == n {
				m.nearOrigin = append(m.nearOrigin, t)
			}
		}
	}
}

// proxy is the proxy before an edge location, one for all who are behind it.
func (m *model) proxy(edge int) int {
	for i, t := range m.tiers {
		if t.kind == "proxy" && t.next == edge {
			return i
		}
	}
	m.tiers = append(m.tiers, tierSpec{"proxy", "proxy", m.newRules("proxy", []Behavior{{Pattern: "*", Terms: proxyTerms()}}), edge})
	return len(m.tiers) - 1
}

func (m *model) internReq(path, query string) reqID {
	text := path
	if query != "" {
		text += "?" + query
	}
	if id, ok := m.reqIndex[text]; ok {
		return id
	}
	id := reqID(len(m.reqs))
	m.reqIndex[text] = id
	m.reqs = append(m.reqs, cachepolicy.Request{Method: http.MethodGet, Host: "site", Path: path, RawQuery: query, Header: http.Header{}})
	m.names = append(m.names, "")
	for _, r := range m.rules {
		r.learn(id)
	}
	return id
}

func (m *model) url(id reqID) string {
	r := &m.reqs[id]
	if r.RawQuery == "" {
		return r.Path
	}
	return r.Path + "?" + r.RawQuery
}

// readRequests finds every request that can come up: pages, what tiers make of
// requests on their way to the servers, and the references in whatever bytes a
// request may be answered with, until there are no more.
func (m *model) readRequests() error {
	for _, build := range m.builds {
		for _, f := range build.Files {
			id := m.internReq(splitURL(f.url()))
			m.names[id] = f.name()
			if f.Page && !containsReq(m.pages, id) {
				m.pages = append(m.pages, id)
			}
		}
	}
	for done := false; !done; {
		before := len(m.reqs)
		if before > maxRequests {
			return fmt.Errorf("%d URLs can be asked for, the explorer takes %d", before, maxRequests)
		}
		m.readForwards()
		seen := uint64(0)
		m.repeated = 0
		for id := range m.reqs {
			for _, b := range m.possible(reqID(id)) {
				next := m.follow(reqID(id), b)
				m.repeated |= seen & next
				seen |= next
			}
		}
		done = len(m.reqs) == before
	}
	return nil
}

func containsReq(list []reqID, id reqID) bool {
	for _, have := range list {
		if have == id {
			return true
		}
	}
	return false
}

func (m *model) readForwards() {
	for _, r := range m.rules {
		for id := len(r.forward); id < len(m.reqs); id++ {
			f := r.terms[id].Forward(&m.reqs[id])
			r.forward = append(r.forward, m.internReq(f.Path, f.RawQuery))
		}
	}
}

// follow is the requests that the bytes b lead to when they were fetched by id.
func (m *model) follow(id reqID, b bodyID) uint64 {
	key := linkKey{id, b}
	if set, ok := m.links[key]; ok {
		return set
	}
	set := uint64(0)
	for _, ref := range m.bodies[b].refs {
		if m.crowd {
			break
		}
		path, query, ok := resolve(m.reqs[id].Path, ref)
		if !ok || len(m.reqs) >= maxRequests {
			continue
		}
		to := m.internReq(path, query)
		if m.names[to] == "" {
			m.names[to] = path
		}
		set |= 1 << to
	}
	m.links[key] = set
	return set
}

// possible is every body that request id may be answered with: what some server
// has for it, or for a request with the same key in some tier, at some time.
func (m *model) possible(id reqID) []bodyID {
	var have [256]bool
	var out []bodyID
	add := func(req reqID) {
		for n := range m.nodes {
			for s := range m.servers() {
				if b := m.replies[m.originReply(n, s, req)].body; b != 0 && !have[b] {
					have[b] = true
					out = append(out, b)
				}
			}
		}
	}
	add(id)
	for _, r := range m.rules {
		for other := range r.forward {
			if r.key[other] == r.key[id] {
				add(reqID(other))
				add(r.forward[other])
			}
		}
	}
	return out
}

func (m *model) servers() int {
	if m.deploy.Servers == 0 {
		return 2
	}
	return m.deploy.Servers
}

func (m *model) checkLimits() error {
	for _, r := range m.rules {
		if len(r.keys) > maxKeys {
			return fmt.Errorf("%d cache keys, the explorer takes %d", len(r.keys), maxKeys)
		}
	}
	if len(m.reqs) > maxRequests {
		return fmt.Errorf("%d URLs can be asked for, the explorer takes %d", len(m.reqs), maxRequests)
	}
	return nil
}

// covers is Invalidation.Covers, remembered.
func (m *model) covers(inv uint8, s storedID) bool {
	key := coverKey{inv, s}
	if c, ok := m.coverage[key]; ok {
		return c
	}
	c := m.invs[inv].Covers(m.stored[s].Stored) && !m.hook.coverNothing
	m.coverage[key] = c
	return c
}

// coveredSince reports whether one of the invalidations in set covers s.
func (m *model) coveredSince(set uint8, s storedID) bool {
	for ; set != 0; set &= set - 1 {
		if m.covers(uint8(bits.TrailingZeros8(set)), s) {
			return true
		}
	}
	return false
}
