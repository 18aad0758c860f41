package prove

import (
	"fmt"
	"math/bits"
	"time"

	"staleproof/cachepolicy"
)

// Limits of the model. A deploy beyond them gets UNKNOWN verdicts that say which
// one it met.
const (
	maxTiers    = 5
	maxVisitors = 4
	maxRequests = 64
	maxSteps    = 31
	maxStages   = 1 << 13 // of a deploy, all orders of its steps
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
	taken    []Encodings // by request
	takes    []Encodings // what visitors take, each once
	pages    []reqID     // requests for documents
	pagesBy  [][]reqID   // by visitor
	names    []string    // by request: the asset's name
	links    memo[link]  // by request and body
	repeated uint64      // requests that more than one reference leads to

	files  []placed // every file that a server may have
	paths  []string
	copies map[copyKey]string // paths of compressed copies
	nodes  []node

	invs     []cachepolicy.Invalidation
	coverage memo[int8] // by invalidation and stored response: 1 no, 2 yes

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
	boundKeys     []*boundTo    // by node, tier and key
	lostMemo      []int8        // by node and request: 1 no, 2 yes
	nearOrigin    []int         // tiers, those nearest to the servers last
	slots         int           // flights that may be open in one tier
	atOnce        bool          // every flight lands before anything else happens
	noReduction   bool          // for tests: no reduction is made
	tick          time.Duration // for tests: time may also pass by so much
	everyEviction bool          // for tests: also those that commute with the move before
	wide          bool          // encodings have two bytes for a number, not one
	tooNarrow     bool          // a number was met that one byte cannot hold
	cached        precache
	workerFlips   found         // that the fixpoint leaves open for who has a service worker
	crawl         uint64        // what he asks for
	crowd         bool          // any number of others ask for documents, and nothing else is asked for
	conditions    memo[replyID] // by what is stored and what was replied
	originReplies []replyID     // by node, server and request
}

// newModel works a deploy out, or says why it is beyond the model.
func newModel(d Deploy, b Bounds, h hook) (*model, error) {
	d.setCrawlerApart()
	m := &model{
		deploy: d, bounds: b, hook: h,
		bodyIndex: map[string]bodyID{}, reqIndex: map[string]reqID{},
		copies: map[copyKey]string{}, replyIndex: map[string]replyID{}, storedIndex: map[string]storedID{},
		planIndex: map[plan]planID{}, agedIndex: map[agedKey]storedID{},
		bodies: make([]body, 1), replies: make([]reply, 1), stored: make([]stored, 1),
		storedTerms: make([]*cachepolicy.Terms, 1), plans: make([]plan, 1),
	}
	steps := []func() error{m.bounds.check, m.readSite, m.readCopies, m.readTiers, m.readSteps, m.readVisitors, m.readRequests, m.checkLimits, m.readBindings, m.readCrawl, m.readKept}
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
		if err := d.Strategy.strips(d.Site); err != nil {
			return err
		}
	}
	if n := len(m.builds); n < 2 || n > maxBuilds {
		return fmt.Errorf("site has %d builds, want 2 to %d", n, maxBuilds)
	}
	for i, build := range m.builds {
		pages := 0
		for _, f := range build.Files {
			b := m.internBody(f)
			if f.Coding != "" && !m.hook.trustCopies {
				continue // a copy may be of other bytes than its build means
			}
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
	known := m.coverage.at(int(inv), int(s))
	if *known == 0 {
		*known = 1
		if m.invs[inv].Covers(m.stored[s].Stored) && !m.hook.coverNothing {
			*known = 2
		}
	}
	return *known == 2
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
