package prove

import (
	"fmt"
	"net/http"

	"staleproof/cachepolicy"
)

type linkKey struct {
	req  reqID
	body bodyID
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
