package prove

import (
	"fmt"
	"net/http"
	"slices"

	"staleproof/cachepolicy"
)

// link is what bytes lead to that a request was answered with.
type link struct {
	known bool
	to    uint64
}

func (m *model) internReq(path, query string, takes Encodings) reqID {
	text := path
	if query != "" {
		text += "?" + query
	}
	if takes != "" {
		text += "\n" + string(takes)
	}
	if id, ok := m.reqIndex[text]; ok {
		return id
	}
	id := reqID(len(m.reqs))
	m.reqIndex[text] = id
	m.reqs = append(m.reqs, cachepolicy.Request{Method: http.MethodGet, Host: "site", Path: path, RawQuery: query, Header: takes.header()})
	m.taken = append(m.taken, takes)
	m.names = append(m.names, "")
	for _, r := range m.rules {
		r.learn(id)
	}
	return id
}

// reqOf is the request for a URL by one who takes some encodings.
func (m *model) reqOf(url string, takes Encodings) (reqID, bool) {
	if takes != "" {
		url += "\n" + string(takes)
	}
	id, ok := m.reqIndex[url]
	return id, ok
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
			if f.Coding != "" {
				continue // nothing refers to a compressed copy
			}
			path, query := splitURL(f.url())
			for _, takes := range m.takes {
				id := m.internReq(path, query, takes)
				m.names[id] = f.name()
				if f.Page && !containsReq(m.pages, id) {
					m.pages = append(m.pages, id)
				}
			}
		}
	}
	m.pagesFor()
	for done := false; !done; {
		before := len(m.reqs)
		if before > maxRequests {
			return fmt.Errorf("%d URLs can be asked for, the explorer takes %d", before, maxRequests)
		}
		m.readForwards()
		seen := uint64(0)
		m.repeated = 0
		for id := range m.reqs {
			if !slices.Contains(m.takes, m.taken[id]) {
				continue // only tiers ask so, and they follow no references
			}
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
			to := m.internReq(f.Path, f.RawQuery, Encodings(f.Header.Get("Accept-Encoding")))
			if m.names[to] == "" && m.url(to) == m.url(reqID(id)) {
				m.names[to] = m.names[id]
			}
			r.forward = append(r.forward, to)
		}
	}
}

// follow is the requests that the bytes b lead to when they were fetched by id.
func (m *model) follow(id reqID, b bodyID) uint64 {
	if l := m.links.at(int(id), int(b)); l.known {
		return l.to
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
		to := m.internReq(path, query, m.taken[id])
		if m.names[to] == "" {
			m.names[to] = path
		}
		set |= 1 << to
	}
	*m.links.at(int(id), int(b)) = link{true, set}
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
