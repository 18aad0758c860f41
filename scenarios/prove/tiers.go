package prove

import (
	"fmt"
)

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
	private bool // has an HTTP cache
	worker  bool // has a service worker
	keeps   int  // entries of visitor.private that count
	takes   Encodings
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
	m.browser.private = true
	return nil
}

func (m *model) newRules(name string, behaviors []Behavior) *rules {
	r := &rules{m: m, name: name, scope: "site", behaviors: behaviors}
	if m.hook != (hook{}) {
		r.behaviors = nil
		for _, b := range behaviors {
			b.Terms = m.hook.terms(b.Terms)
			r.behaviors = append(r.behaviors, b)
		}
	}
	m.rules = append(m.rules, r)
	return r
}

func (m *model) readVisitors() error {
	d := &m.deploy
	if d.Visitors == nil {
		for range max(m.bounds.Visitors, len(d.Takes)) {
			d.Visitors = append(d.Visitors, Fresh)
		}
	}
	switch {
	case len(d.Visitors) == 0:
		return fmt.Errorf("visitors: a crawler is not judged, name one who is beside him")
	case len(d.Visitors) > maxVisitors:
		return fmt.Errorf("%d visitors, the explorer takes %d", len(d.Visitors), maxVisitors)
	}
	if err := m.readTakes(); err != nil {
		return err
	}
	m.browser.behaviors[0].Terms.Policy.Gzip, m.browser.behaviors[0].Terms.Policy.Brotli = m.encoded(), m.encoded()
	locations := max(1, d.CDN.Locations)
	for i, k := range d.Visitors {
		spec := kindSpec{Kind: k, entry: i % locations, views: 1, takes: d.takesOf(i), worker: k.HasWorker()}
		switch k {
		case Fresh, OldTab:
		case Returning:
			spec.views, spec.private = 2, true
		case Twice, BackButton:
			spec.views = 2
		case Worker, UncheckedWorker, SkipWaitingWorker:
			spec.views = 3
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
	m.tiers = append(m.tiers, tierSpec{"proxy", "proxy", m.newRules("proxy", []Behavior{{Pattern: "*", Terms: m.proxyTerms()}}), edge})
	return len(m.tiers) - 1
}
