package prove

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
)

// placed is a file on a server.
type placed struct {
	body    bodyID
	version string
	page    bool
	control string // Cache-Control of its own
	coding  string // of a compressed copy
}

func (m *model) placed(f *File) placed {
	return placed{m.bodyIndex[f.Body], f.Version, f.Page, f.Control, f.Coding}
}

func splitURL(u string) (path, query string) {
	path, query, _ = strings.Cut(u, "?")
	return path, query
}

func (m *model) pathIndex(p string) int {
	if i := slices.Index(m.paths, p); i >= 0 {
		return i
	}
	m.paths = append(m.paths, p)
	return len(m.paths) - 1
}

func (m *model) place(f placed) int16 {
	for i := range m.files {
		if m.files[i] == f {
			return int16(i)
		}
	}
	m.files = append(m.files, f)
	return int16(len(m.files) - 1)
}

// originReply is what a server answers at a node.
func (m *model) originReply(n, server int, req reqID) replyID {
	at := (n*maxServers+server)*maxRequests + int(req)
	for at >= len(m.originReplies) {
		m.originReplies = append(m.originReplies, 0)
	}
	if m.originReplies[at] == 0 {
		m.originReplies[at] = m.lookup(n, server, req)
	}
	return m.originReplies[at]
}

func (m *model) lookup(n, server int, req reqID) replyID {
	r, o := &m.reqs[req], &m.deploy.CDN.Origin
	path, version := m.deploy.Strategy.Lookup(r.Path, r.RawQuery)
	takes := m.taken[req]
	at, f, ok := m.had(n, server, path, takes)
	if short, strips := m.deploy.Strategy.stripped(path); !ok && strips {
		path = short
		at, f, ok = m.had(n, server, path, takes)
	}
	if ok && !f.page && o.Verify && version != "" && version != f.version {
		ok = false
	}
	switch {
	case ok:
		return m.fileReply(at, f)
	case o.Fallback:
		if _, page, ok := m.had(n, server, m.pagePath(), takes); ok {
			page.control = cmp.Or(o.FallbackControl, m.controlAt(path))
			return m.fileReply(path, page)
		}
	}
	return m.missingReply()
}

func (m *model) missingReply() replyID {
	h := http.Header{}
	if c := m.deploy.CDN.Origin.MissingControl; c != "" {
		h.Set("Cache-Control", c)
	}
	return m.internReply(http.StatusNotFound, h, 0)
}

// pagePath is the path of the URL of the first page.
func (m *model) pagePath() string {
	for _, f := range m.builds[0].Files {
		if f.Page && f.Coding == "" {
			path, _ := splitURL(f.url())
			return path
		}
	}
	return ""
}

func (m *model) fileAt(n, server int, path string) (placed, bool) {
	i := slices.Index(m.paths, path)
	if i < 0 || m.nodes[n].fs[server][i] < 0 {
		return placed{}, false
	}
	return m.files[m.nodes[n].fs[server][i]], true
}

func (m *model) fileReply(path string, f placed) replyID {
	o, h := &m.deploy.CDN.Origin, http.Header{}
	control := o.AssetControl
	if f.page && m.isPage(path) {
		control = o.PageControl
	}
	control = cmp.Or(f.control, control)
	if control != "" && control != NoControl {
		h.Set("Cache-Control", control)
	}
	switch o.Validator {
	case ByBytes:
		h.Set("Etag", `"`+m.bodies[f.body].id+f.coding+`"`)
	case ByPath:
		h.Set("Etag", `"`+path+`"`)
	}
	if f.coding != "" {
		h.Set("Content-Encoding", f.coding)
	}
	if m.varies(path) {
		h.Set("Vary", "Accept-Encoding")
	}
	m.compressible(h)
	return m.internReply(http.StatusOK, h, f.body)
}

// controlAt is the Cache-Control of whatever file has a path in some build.
func (m *model) controlAt(path string) string {
	for _, build := range m.builds {
		for _, f := range build.Files {
			if f.Path == path {
				return f.Control
			}
		}
	}
	return ""
}

func (m *model) isPage(path string) bool {
	for _, build := range m.builds {
		for _, f := range build.Files {
			if f.Page && f.Path == path {
				return true
			}
		}
	}
	return false
}

// repeatsAnswer reports whether a server with a lower number gives the same answer, so
// that asking this one adds nothing.
func (m *model) repeatsAnswer(n, server int, req reqID) bool {
	id := m.originReply(n, server, req)
	for s := range server {
		if m.originReply(n, s, req) == id {
			return true
		}
	}
	return false
}
