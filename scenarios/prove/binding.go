package prove

import "math/bits"

// binding says that a build refers to a request and means these bytes by it.
type binding struct {
	req   reqID
	body  bodyID
	build int // from 0
}

// readBindings follows the references of each build on servers that have that
// build alone: what it binds its URLs to.
func (m *model) readBindings() error {
	for b, build := range m.builds {
		at := map[string]placed{}
		for _, f := range build.Files {
			if f.Coding == "" {
				at[f.Path] = m.placed(&f)
			}
		}
		var todo, seen uint64
		for _, f := range build.Files {
			if f.Page && f.Coding == "" {
				path, query := splitURL(f.url())
				for _, takes := range m.takes {
					todo |= 1 << m.internReq(path, query, takes)
				}
			}
		}
		for todo != 0 {
			id := reqID(bits.TrailingZeros64(todo))
			todo &= todo - 1
			seen |= 1 << id
			path, _ := m.deploy.Strategy.Lookup(m.reqs[id].Path, m.reqs[id].RawQuery)
			f, ok := at[path]
			if short, strips := m.deploy.Strategy.stripped(path); !ok && strips {
				f, ok = at[short]
			}
			if !ok {
				continue // a reference to nothing
			}
			m.bindings = append(m.bindings, binding{id, f.body, b})
			todo |= m.follow(id, f.body) &^ seen
		}
	}
	return nil
}

func (m *model) isPageReq(id reqID) bool { return containsReq(m.pages, id) }

// atTier is request id as tier t gets it.
func (m *model) atTier(t int, id reqID) reqID {
	for d := range m.tiers {
		if m.tiers[d].next == t {
			return m.tiers[d].rules.forward[m.atTier(d, id)]
		}
	}
	return id
}

// atOrigin is request id as the servers get it from the tier that visitors of
// the first kind enter by.
func (m *model) atOrigin(id reqID) reqID {
	for t := m.kinds[0].entry; t >= 0; t = m.tiers[t].next {
		id = m.tiers[t].rules.forward[id]
	}
	return id
}

// bodySet is a set of bodies.
type bodySet [4]uint64

func (s *bodySet) add(b bodyID)      { s[b>>6] |= 1 << (b & 63) }
func (s *bodySet) has(b bodyID) bool { return s[b>>6]&(1<<(b&63)) != 0 }

// boundTo is what a key of a tier should hold at some node.
type boundTo struct {
	any    bool // no build refers to a URL with this key, or it is a document's
	bodies bodySet
}

// poisoned reports whether a tier that holds s under key holds bytes that no live
// build binds to a URL with that key; and if none has a URL with it, bytes that
// no build at all does.
func (m *model) poisoned(n, t int, key uint8, s storedID) bool {
	st := &m.stored[s]
	if st.Status >= 400 {
		return false
	}
	at := (n*len(m.tiers)+t)*maxKeys + int(key)
	if m.boundKeys == nil {
		m.boundKeys = make([]*boundTo, len(m.nodes)*len(m.tiers)*maxKeys)
	}
	if m.boundKeys[at] == nil {
		m.boundKeys[at] = m.boundKey(n, t, key)
	}
	return !m.boundKeys[at].any && !m.boundKeys[at].bodies.has(st.body)
}

func (m *model) boundKey(n, t int, key uint8) *boundTo {
	var live, all boundTo
	live.any, all.any = true, true
	for _, x := range m.bindings {
		if m.tiers[t].rules.key[m.atTier(t, x.req)] != key {
			continue
		}
		if m.isPageReq(x.req) {
			return &boundTo{any: true} // documents are meant to change
		}
		all.any = false
		all.bodies.add(x.body)
		if m.nodes[n].live&(1<<x.build) != 0 {
			live.any = false
			live.bodies.add(x.body)
		}
	}
	if live.any {
		return &all
	}
	return &live
}

// lost reports whether request id cannot be had any more at node n from a server
// that had it before.
func (m *model) lost(n int, id reqID) bool {
	id = m.atOrigin(id)
	for s := range m.servers() {
		if m.found(n, s, id) {
			continue
		}
		for before := range m.nodes {
			if m.nodes[before].done&^m.nodes[n].done == 0 && m.found(before, s, id) {
				return true
			}
		}
	}
	return false
}

// found reports whether a server has an asset for request id at node n.
func (m *model) found(n, server int, id reqID) bool {
	r := &m.replies[m.originReply(n, server, id)]
	return r.status == 200 && (!m.bodies[r.body].page || m.isPageReq(id))
}
