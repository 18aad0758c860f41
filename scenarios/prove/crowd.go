package prove

import "slices"

// Whether a page goes back (S4) depends on little: on documents, and for one who has a
// service worker on the files that it installs. A world of that alone is small, so that
// it can be explored to its end with any number of others, who ask for whatever they
// like, and any evictions. What is not reached there cannot happen, although the
// fixpoint, which does not know in which order a key gives its answers, leaves it open:
// while a flight is open nobody else is given what is newer, so that under a key that
// is not invalidated nothing older ever comes after.

// exploreCrowd looks for a page that goes back for one who comes twice, at any location.
// It reports whether that is decided for all but those with a service worker. Where a
// sticky one is found a transient one is not excluded: it is the same one while the flight
// of an asset is open, and there are no assets here.
func (p *prover) exploreCrowd() bool {
	whole := true
	for _, takes := range p.model.takes {
		for entry := range p.model.tiers {
			if p.model.tiers[entry].kind != "edge" {
				continue
			}
			if p.open()&flips == 0 {
				return true
			}
			if p.ctx.Err() != nil {
				return false
			}
			whole = p.exploreCrowdAround(takes, entry) && whole
		}
	}
	if whole && p.ways[flipped+1] == nil {
		p.may &^= p.open() & flips &^ p.model.workerFlips
	}
	return whole
}

// exploreCrowdAround is exploreCrowd for one who takes some encodings and enters at a
// location. It reports whether all was explored.
func (p *prover) exploreCrowdAround(takes Encodings, entry int) bool {
	kind := Twice
	if all := p.model.deploy.Visitors; slices.Contains(all, Returning) && !slices.Contains(all, Twice) {
		kind = Returning // who sees no more than one who keeps nothing
	}
	m, b, err := p.among(kind, takes, entry)
	if err != nil {
		return false
	}
	m.crowd = true
	m.links = nil
	r := run{bounds: b, visitors: []Kind{kind}, crowd: "documents alone, one who comes twice", exploration: m.explore(p.ctx, p.report)}
	p.note(m, r, flips)
	return r.out == "" && !r.blocked
}

// exploreAroundWorkers excludes pages that go back under a service worker, where they
// are not reached among others who may ask for anything that it installs at any time.
// Such others may ask for more than real ones, so that what is reached shows nothing.
func (p *prover) exploreAroundWorkers() {
	var reached found
	for i := range p.model.kinds {
		k := &p.model.kinds[i]
		if !k.worker || p.model.kindIndex(i) != i {
			continue
		}
		if p.open()&p.model.workerFlips&^reached == 0 {
			return
		}
		reached |= p.exploreAround(k)
	}
	p.may &^= p.open() & p.model.workerFlips &^ reached
}

// exploreAround is what may be reached by one with a service worker; all flips, if not
// all could be explored.
func (p *prover) exploreAround(k *kindSpec) found {
	m, b, err := p.among(k.Kind, k.takes, k.entry)
	if err != nil || p.ctx.Err() != nil || len(m.reqs) < len(p.model.reqs) { // some are a proxy's own
		return flips
	}
	if b.States -= p.states(); b.States <= 0 {
		return flips
	}
	m.bounds.States = b.States
	m.crawl = m.installed()
	r := run{bounds: b, visitors: []Kind{k.Kind}, crowd: "documents and what is installed, a " + string(k.Kind), exploration: m.explore(p.ctx, p.report)}
	p.runs = append(p.runs, r)
	if r.out != "" || r.blocked || r.seen.vain > 0 || m.outages() > 0 || m.fades() {
		return flips
	}
	return r.found & flips
}

// among is the world of one visitor among any number of others.
func (p *prover) among(kind Kind, takes Encodings, entry int) (*model, Bounds, error) {
	d, b := p.deploy, p.bounds
	d.Visitors, d.crawler = []Kind{kind}, false
	if p.model.encoded() {
		d.Takes, d.others = []Encodings{takes}, p.model.takes
	}
	b.Evictions, b.Flights = -1, maxFlights
	m, err := newModel(d, b, p.hook)
	if err != nil {
		return nil, b, err
	}
	m.kinds[0].entry = entry
	return m, b, nil
}

// installed is the requests that have a key in common with one for what manifests list,
// at any tier.
func (m *model) installed() (set uint64) {
	for t := range m.tiers {
		listed := map[uint8]bool{}
		key := func(id int) uint8 { return m.tiers[t].rules.key[m.atTier(t, reqID(id))] }
		for id, slot := range m.cached.slot {
			if slot >= 0 {
				listed[key(id)] = true
			}
		}
		for id := range m.reqs {
			if listed[key(id)] {
				set |= 1 << id
			}
		}
	}
	return set
}

// fades reports whether a stored response expires within the horizon that may be of use
// after that: it is not as good as evicted, and all of one age expire at once.
func (m *model) fades() bool {
	return slices.ContainsFunc(m.stored[1:], func(s stored) bool {
		return s.Status < 400 && s.next != 0 && s.next <= m.horizon
	})
}

// evictForWorkers looks for a page that goes back under a service worker with any
// evictions: to install a release, another, and the first again, each file has to
// be fetched three times.
func (p *prover) evictForWorkers() {
	b := p.bounds
	b.Evictions, b.States = -1, p.bounds.States-p.states()
	if p.open()&p.model.workerFlips != 0 && b.States > 0 {
		p.explore(b, p.model.deploy.Visitors)
	}
}
